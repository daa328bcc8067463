from django.apps import AppConfig


class HitsConfig(AppConfig):
    name = "platekeeper.server.hits"
    label = "hits"
