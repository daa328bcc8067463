from django.apps import AppConfig


class QuerylogConfig(AppConfig):
    name = "platekeeper.server.querylog"
    label = "querylog"
