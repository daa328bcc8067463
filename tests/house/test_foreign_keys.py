"""Foreign keys obey the import ladder, which a string in a model could otherwise go round."""

from __future__ import annotations

import tomllib
from pathlib import Path

from django.apps import apps

ROOT = Path(__file__).parents[2]
PREFIX = "platekeeper.server."


def _heights() -> dict[str, int]:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(each["layers"] for each in contracts if each["name"] == "The ladder of the server")
    return {name.strip(" ()"): height for height, layer in enumerate(reversed(layers)) for name in layer.split("|")}


def test_no_foreign_key_points_upward_or_sideways() -> None:
    heights, seen = _heights(), 0
    for model in apps.get_models():
        if not model.__module__.startswith(PREFIX):
            continue
        for field in model._meta.get_fields():
            target = field.related_model
            if field.auto_created or not isinstance(target, type) or not target.__module__.startswith(PREFIX):
                continue
            here, there = (kind.__module__.split(".")[2] for kind in (model, target))
            seen += 1
            assert here == there or heights[there] < heights[here], f"{here}.{model.__name__}.{field.name} -> {there}"
    assert seen > 10
