from django.apps import AppConfig


class EquipmentConfig(AppConfig):
    name = "platekeeper.server.equipment"
    label = "equipment"
