"""What is loaded before the server answers: every template, so that none is met first by a reader."""

from __future__ import annotations

from django.template import engines
from django.template.base import Template

from platekeeper.server.web.ready import TEMPLATES, load_pages


def test_every_template_is_loaded() -> None:
    load_pages()
    [engine] = engines.all()
    (loader,) = engine.engine.template_loaders  # type: ignore[attr-defined]
    loaded = {
        str(template.origin.template_name)
        for template in loader.get_template_cache.values()
        if isinstance(template, Template)
    }
    assert {path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html")} <= loaded
