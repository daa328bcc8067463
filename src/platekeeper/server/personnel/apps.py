from django.apps import AppConfig


class PersonnelConfig(AppConfig):
    name = "platekeeper.server.personnel"
    label = "personnel"
