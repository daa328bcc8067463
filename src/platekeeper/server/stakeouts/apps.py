from django.apps import AppConfig


class StakeoutsConfig(AppConfig):
    name = "platekeeper.server.stakeouts"
    label = "stakeouts"
