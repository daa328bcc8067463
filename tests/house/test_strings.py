"""What the product says has its Spanish, and only pages speak it (decision 38)."""

from __future__ import annotations

import gettext
import re
from pathlib import Path

from django.conf import settings

from tests.house.strings import CATALOGUE, ROOT, found, kept, written

KEPT = kept()
_MARKUP = re.compile(
    r"%\(\w+\)[sd]|%[sd%]|\{\d+\}"
    r"|</?(?:a|b|br|code|em|kbd|li|p|small|span|strong)\b[^>]*>"
    r"|\b[IVX]+\.[a-z](?:\.\d+)?\b"
)
"""What a translation leaves as it is: values, tags, and numbers of clauses."""


def test_everything_the_product_says_is_in_the_catalogue_and_has_spanish() -> None:
    said = found()
    missing = {english for english in said if len(KEPT.get(english, ())) != len(english)}
    assert not missing, "run `make strings`, then write the Spanish into the catalogue"
    assert KEPT.keys() == said, "run `make strings`: the catalogue has what nobody says any more"


def test_the_catalogue_stands_as_make_strings_writes_it() -> None:
    assert CATALOGUE.read_text() == written(KEPT)


def test_what_is_compiled_is_what_is_written() -> None:
    with CATALOGUE.with_suffix(".mo").open("rb") as compiled:
        read = vars(gettext.GNUTranslations(compiled))["_catalog"]
    spoken = {(key, 0) if len(english) > 1 else key: said for english, said in KEPT.items() for key in english[:1]}
    assert all(read[key] == said[0] for key, said in spoken.items()), "run `make strings`: django.mo is old"


def test_values_tags_and_clauses_stand_in_the_spanish_as_in_the_english() -> None:
    for english, spanish in KEPT.items():
        for said, words in zip(english, spanish, strict=True):
            assert sorted(_MARKUP.findall(words)) == sorted(_MARKUP.findall(said)), (said, words)


def test_only_pages_are_written_out_in_another_language() -> None:
    switching = re.compile(r"\b(?:translation\.|LocaleMiddleware)|import (?:activate|override)\b")
    modules = [path for path in (ROOT / "src").rglob("*.py") if "core" not in path.parts]
    found_in = {path.name for path in modules if _switches(path, switching)}
    assert found_in == {"language.py", "broken.py"}
    assert not any("LocaleMiddleware" in name for name in settings.MIDDLEWARE)


def _switches(path: Path, switching: re.Pattern[str]) -> bool:
    code = re.sub(r'""".*?"""', "", path.read_text(), flags=re.DOTALL)
    return bool(switching.search(code.replace("django.utils.translation", "")))
