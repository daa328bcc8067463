"""After the data has moved, in a transaction of its own as PostgreSQL wants it: no delivery without its list."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("hotlist", "0002_lists_with_rules")]

    operations = [
        migrations.AlterField(
            "HotListDelivery",
            "hot_list",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="deliveries", to="hotlist.hotlist"
            ),
        ),
    ]
