from django.apps import AppConfig


class CasefilesConfig(AppConfig):
    name = "platekeeper.server.casefiles"
    label = "casefiles"
