"""What has a number, a key or a code in the records has a name on the screen."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from platekeeper.core.clauses import Clause
from platekeeper.server.web.templatetags.clauses import clause_heading
from platekeeper.server.web.templatetags.language import language_named
from tests.cast import Cast


def test_every_clause_is_headed_by_what_people_call_it() -> None:
    headings = {each: clause_heading(each) for each in Clause}
    assert not [words for words in headings.values() if re.search(r"^[a-z]|\b[a-z]+_[a-z]+\b|^III\.", words)]
    assert headings[Clause.signature].startswith("Signature · ")
    assert headings[Clause.VI_k].startswith("VI.k · ")


def test_a_language_is_named_and_an_unknown_one_is_said_as_it_is() -> None:
    assert [language_named(code) for code in ("en-US", "es-US", "xq-ZZ")] == ["English", "Spanish", "xq-ZZ"]


@pytest.mark.django_db
def test_a_refusal_names_the_signature(cast: Cast, as_role: Callable[[str], Client]) -> None:
    assert "<strong>Signature · " in as_role("officer").get("/people/").content.decode()
