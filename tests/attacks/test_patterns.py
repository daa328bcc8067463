"""Words that take a pattern of ours longer to look through than anybody waits: all others would wait as well."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from platekeeper.server.web import language
from tests.cast import Cast
from tests.web.access.search_requests import posted

pytestmark = pytest.mark.django_db
AsRole = Callable[[str], Client]
OURS = [("outsider", "/sharing/guest/"), ("detective", "/queries/"), ("detective", "/queries/requests/new/")]


@pytest.mark.parametrize(("role", "address"), OURS)
def test_what_is_no_choice_is_not_looked_through_for_a_sentence_of_ours(
    role: str, address: str, cast: Cast, as_role: AsRole
) -> None:
    typed = " worked,  misread (%), " * 500 + " of a wrong state"
    client = as_role(role)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "es"
    began = time.process_time()
    answer = client.post(address, posted(purpose=typed))
    assert time.process_time() - began < 10, "it takes minutes"
    assert typed in answer.content.decode()


def test_no_sentence_takes_long_with_whatever_stands_in_it() -> None:
    with translation.override("es"):
        _known, sentences = language._catalogue("es")
        for longest, sentence, values, _spoken in sentences:
            parts = [re.sub(r"\\(.)", r"\1", part) for part in sentence.pattern.split("(.*?)")]
            between = "".join(parts[1:-1]) or " "
            for most in (language._MOST_OF_SEVERAL, language._MOST, 100_000):
                room = max(0, most - len(parts[0]) - len(longest) - 1)
                began = time.process_time()
                language.said(f"{parts[0]}{(between * most)[:room]}{longest}\x01")
                assert time.process_time() - began < 2, (sentence.pattern, most)
            assert sum(map(len, parts)) < language._MOST_OF_SEVERAL - 100 or len(values) == 1, "no room for its values"


@pytest.mark.parametrize("typed", ["zz; a" + " waiting" * 200, "zz; a, b" + " waiting" * 200])
def test_what_is_told_one_after_the_other_is_looked_through_once_however_often_it_stands_in_a_value(
    typed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, sentences = language._catalogue("es")
    looked_through = _Counted(sentences)
    monkeypatch.setattr(language, "_catalogue", lambda _language: (known, looked_through))
    with translation.override("es"):
        assert language.said(typed).endswith(" en espera" * 200)
    assert looked_through.times <= 2 * 200 + 10


class _Counted(list[language._Sentence]):
    times = 0

    def __iter__(self) -> Iterator[language._Sentence]:
        self.times += 1
        return super().__iter__()
