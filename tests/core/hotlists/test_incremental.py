"""Files of changes: rows to add and to remove, and the sum of many such files."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from platekeeper.core.categories import Category, HitAction
from platekeeper.core.formats.hotlists import HOT_LIST_FORMATS, incremental
from platekeeper.core.formats.hotlists.delimited import Delimited
from platekeeper.core.formats.hotlists.rows import HotListFormatError, HotListLine
from platekeeper.core.matching import taken_off
from platekeeper.core.plates import Plate, fold
from tests.core.hotlists.making import csv, day, left_out, lines, packed, parsed

HEADING = "plate,state,category,action"


def changes(*rows: str) -> list[HotListLine]:
    """Return what the rows of a file of changes mean."""
    reader = HOT_LIST_FORMATS["incremental"]
    assert isinstance(reader, Delimited)
    return [line for _, _, line in reader.lines(csv(HEADING, *rows)) if isinstance(line, HotListLine)]


def plates(sums: bytes) -> tuple[list[str], list[str]]:
    """Return what a sum has entered and what it takes off, each with its state."""
    told = [line for _, _, line in incremental.FORMAT.lines(sums) if isinstance(line, HotListLine)]
    texts = [(line.removes, f"{line.state or line.raw_state}:{line.plate.text}") for line in told]
    return sorted(text for removes, text in texts if not removes), sorted(text for removes, text in texts if removes)


@pytest.mark.parametrize("word", ["add", "ADD", "Added", "a", "new", "insert", "update", "U", "+", "", " add "])
def test_words_to_add(word: str) -> None:
    found = parsed("incremental", csv(HEADING, f"ABC1234,NY,gang,{word}"))
    assert (len(found.entries), len(found.removed)) == (1, 0)


@pytest.mark.parametrize("word", ["remove", "REMOVE", "Removed", "delete", "Del", "D", "r", "cancel", "clear", "-"])
def test_words_to_remove(word: str) -> None:
    found = parsed("incremental", csv(HEADING, f"ABC1234,NY,gang,{word}"))
    assert (len(found.entries), len(found.removed)) == (0, 1)
    assert found.counts == {}


def test_a_word_that_is_neither_is_left_out_rather_than_added() -> None:
    good = [f"GOOD{number},NY,gang,add" for number in range(5)]
    assert left_out("incremental", csv(HEADING, *good, "ABC1234,NY,gang,expunge")) == [
        (7, "unknown operation 'expunge'")
    ]


@pytest.mark.parametrize(
    "heading", ["plate,state,category,Operation", "PLATE;STATE;CATEGORY;OP", "tag|lis|type|Change"]
)
def test_the_column_by_other_names_and_delimiters(heading: str) -> None:
    delimiter = next(each for each in ",;|" if each in heading)
    found = parsed("incremental", csv(heading, "ABC1234,NY,gang,remove".replace(",", delimiter)))
    assert len(found.removed) == 1


def test_a_removal_takes_off_one_state_or_all_and_never_minds_the_category() -> None:
    base = parsed(
        "mapped",
        csv("plate,state,category", "AAA111,NY,gang", "AAA111,NJ,stolen", "BBB222,NY,gang", "BBB222,NY,stolen"),
    )
    for rows, gone in [
        (["AAA111,,,remove"], {("AAA111", "gang"), ("AAA111", "stolen_vehicle")}),
        (["AAA111,NJ,,remove"], {("AAA111", "stolen_vehicle")}),
        (["aaa-111,CT,,remove"], set()),
        (["BBB222,NY,amber,remove"], {("BBB222", "gang"), ("BBB222", "stolen_vehicle")}),
    ]:
        removed = parsed("incremental", csv(HEADING, *rows)).removed
        off = base.entries.take(taken_off(base.entries, removed))
        kinds = {(plate, HOT_LIST_FORMATS["mapped"].category(kind).value) for plate, _, kind, _ in packed(off)}
        assert kinds == gone


def test_a_whole_list_never_removes() -> None:
    assert not any(line.removes for line in lines("mapped", csv(HEADING, "ABC1234,NY,gang,remove")))


def test_a_file_of_removals_only_is_a_file() -> None:
    assert len(parsed("incremental", csv(HEADING, "ABC1234,NY,,D", "XYZ99,,,D")).removed) == 2


def test_a_file_without_rows_is_refused() -> None:
    with pytest.raises(HotListFormatError, match="make no sense"):
        parsed("incremental", csv(HEADING))


def test_what_was_added_and_then_removed_is_gone_and_the_other_way_round_is_wanted() -> None:
    first = incremental.summed(None, changes("AAA111,NY,gang,add", "BBB222,NY,,remove", "CCC333,NY,gang,add"))
    second = incremental.summed(first, changes("AAA111,NY,,remove", "BBB222,NY,gang,add"))
    assert plates(second) == (["NY:BBB222", "NY:CCC333"], ["NY:AAA111", "NY:BBB222"])


def test_a_sum_keeps_every_column() -> None:
    line = HotListLine(
        plate=Plate("ABC1234"), state=None, raw_state="QZ", category=Category.AMBER, make="FORD", model="F, 150",
        year="2019", color='"RED"', reason="line\nbreak", reference="26-0042", agency="NY0290000",
        effective=day(2026, 3, 1), expires=day(2026, 3, 2), action=HitAction.OBSERVE,
    )  # fmt: skip
    (told,) = lines(incremental.FORMAT, incremental.summed(incremental.summed(None, [line]), []))
    assert told == line


@pytest.mark.parametrize(
    "reason", ["two\rlines", "two\r\nlines", 'a "quote', "caf\u00e9 \u2013 noon", "a,b;c", "\x1ax"]
)
def test_a_sum_reads_again_whatever_a_reason_holds(reason: str) -> None:
    written = csv("plate,reason,action", f'ABC1234,"{reason.replace(chr(34), chr(34) * 2)}",add', "XYZ99,,add")
    told = lines("incremental", written)
    assert told[0].reason == reason
    again = lines(incremental.FORMAT, incremental.summed(None, told))
    assert [(line.plate.text, line.reason) for line in again] == [("ABC1234", reason), ("XYZ99", "")]


def test_a_sum_of_many_files_is_what_they_do_one_after_another() -> None:
    chance = random.Random(5)
    standing: set[tuple[str, str]] = set()
    gone: set[tuple[str, str]] = set()
    sums: bytes | None = None
    for _ in range(30):
        rows = []
        for _ in range(8):
            plate, state = f"{chance.choice('AO0')}{chance.randint(1, 3)}B", chance.choice(["NY", "NJ", ""])
            removes = chance.random() < 0.4
            rows.append(f"{plate},{state},gang,{'remove' if removes else 'add'}")
            key = (fold(plate), state)
            if removes:
                gone.add(key)
                standing = {each for each in standing if each[0] != key[0] or state not in ("", each[1])}
            else:
                standing.add(key)
        sums = incremental.summed(sums, changes(*rows))
        wanted, removed = (_keys(texts) for texts in plates(sums))
        assert (wanted, removed) == (standing, gone)


def _keys(texts: Sequence[str]) -> set[tuple[str, str]]:
    return {(fold(plate), state) for state, plate in (text.split(":") for text in texts)}
