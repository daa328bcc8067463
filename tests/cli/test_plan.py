"""`platekeeper plan`: a table for whoever buys the machines, or the same as data."""

from __future__ import annotations

import json

import pytest

from platekeeper.server.cli.main import main

COUNTY = ("plan", "--lprs", "150", "--reads-a-day", "5000", "--image-kb", "100")


def test_a_county_is_told_in_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(COUNTY) == 0
    said = capsys.readouterr().out
    assert "273.8 million reads a year: 750,000 a day" in said
    assert "images of reads                    75.0 GB            6.8 TB" in said
    assert "Reads in SQLite. One machine carries it" in said
    assert max(map(len, said.splitlines())) <= 100


def test_and_as_data(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*COUNTY, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["need"]["images"]["a_day"] == 75e9
    assert told["engine"] == "SQLite"


def test_what_cannot_be_is_refused_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*COUNTY, "--image-share", "7"]) == 2
    assert "image share" in capsys.readouterr().err
