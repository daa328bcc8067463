from django.apps import AppConfig


class PolicyConfig(AppConfig):
    name = "platekeeper.server.policy"
    label = "policy"
