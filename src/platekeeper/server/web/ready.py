"""Everything that the first readers of pages would wait for, loaded before the server answers anybody."""

from __future__ import annotations

from pathlib import Path

from django.template.loader import get_template
from django.urls import reverse

TEMPLATES = Path(__file__).parent / "templates"


def load_pages() -> None:
    """Load every address and template. Raises TemplateSyntaxError for one that could not be shown."""
    reverse("home")
    for path in TEMPLATES.rglob("*.html"):
        get_template(path.relative_to(TEMPLATES).as_posix())
