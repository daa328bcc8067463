from django.apps import AppConfig


class OversightConfig(AppConfig):
    name = "platekeeper.server.oversight"
    label = "oversight"
