from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "platekeeper.server.jobs"
    label = "jobs"

    def ready(self) -> None:
        """Register the system check, and what is done as a job begins."""
        from django_q.signals import pre_execute

        from platekeeper.server.jobs import checks, schedule  # noqa: F401

        pre_execute.connect(schedule.forget_cut_off)
