from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "platekeeper.server.jobs"
    label = "jobs"
