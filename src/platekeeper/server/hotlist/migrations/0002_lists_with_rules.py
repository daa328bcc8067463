"""Several hot lists, each with its own format and rules; what was delivered before is of the portal's list."""

from __future__ import annotations

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SOURCES = [("portal", "portal"), ("ncic", "ncic"), ("nicb", "nicb"), ("department", "department")]


def name_the_portals_list(apps: Any, _editor: Any) -> None:
    HotList, HotListDelivery = apps.get_model("hotlist", "HotList"), apps.get_model("hotlist", "HotListDelivery")
    first = HotListDelivery.objects.order_by("delivered_at").first()
    if first is not None:
        portal = HotList.objects.create(
            slug="portal", name="New York State portal", source="portal", format="new_york", added_at=first.delivered_at,
            alarms=["plate_and_state", "plate_only", "partial"],
        )  # fmt: skip
        HotListDelivery.objects.update(hot_list=portal)


class Migration(migrations.Migration):
    dependencies = [("hotlist", "0001_initial"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.CreateModel(
            name="HotList",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField(max_length=20, unique=True)),
                ("name", models.CharField(max_length=80, unique=True, verbose_name="name")),
                ("source", models.CharField(choices=SOURCES, max_length=12, verbose_name="source")),
                ("format", models.CharField(max_length=40, verbose_name="format")),
                (
                    "columns",
                    models.JSONField(default=dict, help_text="the template of a mapped file: our column -> theirs"),
                ),
                ("words", models.JSONField(default=dict, help_text="the list's own words -> our categories")),
                (
                    "categories",
                    models.JSONField(default=list, help_text="the categories that count; none named: all of them"),
                ),
                (
                    "alarms",
                    models.JSONField(help_text="the kinds of match that alarm; the others wait for silent review"),
                ),
                (
                    "actions",
                    models.JSONField(default=dict, help_text="category -> what a hit does; else what is usual"),
                ),
                (
                    "stale_after",
                    models.PositiveSmallIntegerField(
                        blank=True, help_text="hours; none: the department's calendar day (V.a, VII.d)", null=True
                    ),
                ),
                ("in_use", models.BooleanField(default=True)),
                ("added_at", models.DateTimeField()),
            ],
            options={"ordering": ("added_at", "pk")},
        ),
        migrations.AddField(
            "HotListDelivery",
            "hot_list",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="deliveries", to="hotlist.hotlist"
            ),
        ),
        migrations.AddField("HotListDelivery", "layout", models.JSONField(default=dict)),
        migrations.AddField(
            "HotListDelivery",
            "base",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="hotlist.hotlistdelivery",
            ),
        ),
        migrations.AddField(
            "HotListDelivery",
            "sum_digest",
            models.CharField(blank=True, default="", help_text="SHA-256 of the sum of changes", max_length=64),
            preserve_default=False,
        ),
        migrations.AddField(
            "HotListDelivery",
            "left_out",
            models.JSONField(default=dict, help_text="reason -> number of lines left out"),
        ),
        migrations.AlterField(
            "HotListDelivery",
            "lines",
            models.PositiveIntegerField(help_text="plates on the list with this delivery"),
        ),
        migrations.AlterField(
            "HotListDelivery",
            "skipped",
            models.JSONField(help_text="[line number, reason, text] of the lines left out, as far as they are listed"),
        ),
        migrations.CreateModel(
            name="HotListLoading",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("format", models.CharField(max_length=40)),
                ("file_name", models.CharField(max_length=160)),
                ("accept_shorter", models.BooleanField(default=False)),
                ("asked_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("keeping", "being kept"),
                            ("waiting", "waiting"),
                            ("loading", "being loaded"),
                            ("accepted", "in force"),
                            ("refused", "refused"),
                        ],
                        default="keeping",
                        max_length=10,
                    ),
                ),
                ("percent", models.PositiveSmallIntegerField(default=0)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("reason", models.TextField(blank=True)),
                (
                    "is_shorter",
                    models.BooleanField(
                        default=False, help_text="refused for being much shorter: may be accepted as it is"
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "delivery",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="hotlist.hotlistdelivery",
                    ),
                ),
                (
                    "hot_list",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="hotlist.hotlist"
                    ),
                ),
            ],
        ),
        migrations.RunPython(name_the_portals_list, migrations.RunPython.noop),
    ]
