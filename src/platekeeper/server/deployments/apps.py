from django.apps import AppConfig


class DeploymentsConfig(AppConfig):
    name = "platekeeper.server.deployments"
    label = "deployments"
