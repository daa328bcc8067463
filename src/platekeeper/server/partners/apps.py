from django.apps import AppConfig


class PartnersConfig(AppConfig):
    name = "platekeeper.server.partners"
    label = "partners"
