from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "platekeeper.server.ledger"
    label = "ledger"

    def ready(self) -> None:
        from platekeeper.server.ledger import guarding  # noqa: F401 - registers its check
