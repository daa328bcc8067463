"""Tours from before there were Daily User Logs get one each: to be completed and forwarded like any other."""

from typing import Any

from django.db import migrations


def give_logs(apps: Any, schema_editor: Any) -> None:
    Tour, DailyUserLog = (apps.get_model("userlog", name) for name in ("Tour", "DailyUserLog"))
    for tour in Tour.objects.filter(log=None):
        tour.log = DailyUserLog.objects.create(
            member_id=tour.member_id, opened_at=tour.begun_at,
            policy_number=tour.policy_number, policy_digest=tour.policy_digest,
        )  # fmt: skip
        tour.save(update_fields=["log"])


class Migration(migrations.Migration):
    dependencies = [("userlog", "0002_tours_daily_user_logs")]
    operations = [migrations.RunPython(give_logs, migrations.RunPython.noop)]
