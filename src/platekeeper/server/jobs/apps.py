from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "platekeeper.server.jobs"
    label = "jobs"

    def ready(self) -> None:
        """Register the system check."""
        from platekeeper.server.jobs import checks  # noqa: F401
