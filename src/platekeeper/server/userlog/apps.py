from django.apps import AppConfig


class UserlogConfig(AppConfig):
    name = "platekeeper.server.userlog"
    label = "userlog"
