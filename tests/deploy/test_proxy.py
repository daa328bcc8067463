"""The proxy's site that we ship agrees with the server: which pages take large files, and what no log may have."""

from __future__ import annotations

import re
from pathlib import Path

from django.urls import reverse

from platekeeper.server.web.bodies import A_MEMBERS, LARGE

SITE = (Path(__file__).parents[2] / "deploy" / "nginx.conf").read_text()


def test_only_what_reads_nothing_before_it_knows_of_whom_is_passed_on_as_it_comes() -> None:
    places = dict(re.findall(r"location (?:= )?(\S+) \{(.*?)\}", SITE, re.DOTALL))
    passed_on = {place for place, said in places.items() if "proxy_request_buffering off" in said}
    assert passed_on == {reverse(name) for name in LARGE}
    assert "proxy_request_buffering" not in re.sub(r"location .*?\}", "", SITE, flags=re.DOTALL)
    assert f"client_max_body_size {A_MEMBERS // 2**20}m;" in SITE


def test_no_log_has_what_stands_behind_a_question_mark() -> None:
    [form] = re.findall(r"log_format \w+ '(.*?)';", SITE)
    assert not re.search(r"\$(request|request_uri|args|query_string|http_referer)\b", form)
    assert "combined" not in SITE
