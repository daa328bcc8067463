from django.apps import AppConfig


class HotlistConfig(AppConfig):
    name = "platekeeper.server.hotlist"
    label = "hotlist"
