from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "platekeeper.server.ledger"
    label = "ledger"
