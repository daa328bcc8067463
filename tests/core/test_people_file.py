"""A file of people: what it may hold, and what is said of what it may not."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.validators import validate_email
from hypothesis import given
from hypothesis import strategies as st

from platekeeper.core.people_file import COLUMNS, KINDS, LARGEST, PeopleFileError, PersonRow, parse
from platekeeper.server.personnel.models import Agency, Person, Position

HEAD = "name,username,kind,badge,email,agency,positions,since,until,ends_on"
GOOD = "Maya Okafor,mokafor,member,114,m@h.gov,,Patrol Officer|Detective,2026-03-01,2026-06-01,2026-12-31"


def test_every_column() -> None:
    [row] = parse(f"{HEAD}\r\n{GOOD}\r\n".encode())
    assert row == PersonRow(
        2, "Maya Okafor", "mokafor", "member", "114", "m@h.gov", "", ("Patrol Officer", "Detective"),
        date(2026, 3, 1), date(2026, 6, 1), date(2026, 12, 31),
    )  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [
        "name,username,kind\nA,a,staff",
        "\ufeffName,User Name,KIND\nA,a,staff",
        "name;username;kind;Ends On\nA;a;Staff;\n\n;;\n",
        "name\tuser_name\tkind\tends_on\nA\ta\tstaff\n",
        'kind,username,name\nstaff,a,"A"\n',
        "\n\r\nname,username,kind\rA,a,staff\r",
        "name,username,kind,,\n A ,a,staff,,,,\n",
    ],
)
def test_other_ways_to_write_it(content: str) -> None:
    [row] = parse(content.encode())
    assert (row.name, row.username, row.kind) == ("A", "a", "staff")


def test_spaces_and_repeated_positions_do_not_count() -> None:
    [row] = parse(b"name,username,kind,positions\nA  B,a,staff, Crime Analyst || Auditor|Auditor\n")
    assert row.name == "A B"
    assert row.positions == ("Crime Analyst", "Auditor")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "The file is empty"),
        ("\ufeff\n , \n", "The file is empty"),
        ("name,username,kind", "There is nobody in the file"),
        ("name,username\nA,a", "Line 1: the column “kind” is missing"),
        ("name|username|kind\nA|a|staff", "Line 1: the column “name” is missing"),
        ("name,username,kind,rank\nA,a,staff,x", "Line 1: there is no column “rank”"),
        ("name,Name,username,kind\nA,A,a,staff", "Line 1: the column “name” stands there twice"),
        ("name,username,kind\n,a,staff", "Line 2, name: empty"),
        ("name,username,kind\nA", "Line 2, username: empty"),
        ("name,username,kind\nA,a b,staff", "Line 2, username: “a b” may hold"),
        ("name,username,kind\nA,ä,staff", "Line 2, username: “ä” may hold"),
        ("name,username,kind\nA,a,robot", "Line 2, kind: “robot” is none of"),
        ("name,username,kind\nA,a,outside", "Line 2, agency: empty"),
        ("name,username,kind,agency\nA,a,staff,Mill", "Line 2, agency: members and staff"),
        ("name,username,kind,email\nA,a,staff,nobody", "Line 2, email: “nobody” is no"),
        ("name,username,kind,email\nA,a,staff,a..b@c.gov", "Line 2, email: “a..b@c.gov” is no"),
        ("name,username,kind,since\nA,a,staff,soon", "Line 2, since: “soon” is no day"),
        ("name,username,kind,since\nA,a,staff,03/01/2026", "Line 2, since: “03/01/2026” is no day"),
        ("name,username,kind,since\nA,a,staff,2026-02-30", "Line 2, since: “2026-02-30” is no day"),
        ("name,username,kind,since\nA,a,staff,20260301", "Line 2, since: “20260301” is no day"),
        ("name,username,kind,ends_on\nA,a,staff,9999-12-31", "Line 2, ends_on: 9999-12-31 is too far away"),
        ("name,username,kind,since,until\nA,a,staff,2026-03-02,2026-03-01", "Line 2, until: 2026-03-01 is before"),
        ("name,username,kind\nA,a,staff\nB,A,staff", "Line 3, username: “A” stands in line 2 already"),
        ("name,username,kind\nOkafor, Maya,a,staff", "Line 2: “staff” stands in column 4, which has no name"),
        ("name,username,kind,\nA,a,staff,x", "Line 2: “x” stands in column 4, which has no name"),
        (f"name,username,kind\n{'A' * 121},a,staff", "Line 2, name: longer than 120"),
        (f"name,username,kind\nA,{'a' * 61},staff", "Line 2, username: longer than 60"),
        (f"name,username,kind,badge\nA,a,staff,{'1' * 21}", "Line 2, badge: longer than 20"),
        (f"name,username,kind,agency\nA,a,outside,{'M' * 121}", "Line 2, agency: longer than 120"),
        (f"name,username,kind,email\nA,a,staff,{'m' * 250}@h.gov", "Line 2, email: longer than 254"),
        (f"name,username,kind,positions\nA,a,staff,Chief|{'P' * 81}", "Line 2, positions: “PPP"),
        ("name,username,kind\nA\u202eB,a,staff", "Line 2, name: holds a character that is not seen"),
        ("name,username,kind\nA\0,a,staff", "Line 2: binary data"),
        ('name,username,kind\nA,a,staff\n"B,b,staff\nC,c,staff\n', "Line 3: a quote is open"),
        ('name,username,kind\n"A" B,b,staff\n', "Line 2: a quote is open"),
        ('name,username,kind\n"' + "x" * 200_000 + '",a,staff', "Line 2: a quote is open"),
    ],
)
def test_what_is_wrong_is_said_with_its_line_and_column(content: str, said: str) -> None:
    with pytest.raises(PeopleFileError) as refused:
        parse(content.encode())
    assert any(fault.startswith(said) for fault in refused.value.faults)


@pytest.mark.parametrize(
    "content",
    ["name,username,kind,positions\nA,a,staff,{}", "name\tusername\tkind\tpositions\nA\ta\tstaff\t{}",
     'name;username;kind;positions\nA;a;staff;"{}"'],
)  # fmt: skip
@pytest.mark.parametrize("cell", ["Detective; Auditor", "Detective|Auditor", ";Detective;;Auditor|Detective;"])
def test_positions_stand_between_semicolons_or_bars(content: str, cell: str) -> None:
    [row] = parse(content.format(cell).encode())
    assert row.positions == ("Detective", "Auditor")


def test_every_fault_is_listed_not_only_the_first() -> None:
    with pytest.raises(PeopleFileError) as refused:
        parse(b"name,username,kind,email,rank\n,a,staff\nB,A,robot,nobody\nC,c,member\nD,c,\n")
    assert [fault.split(":")[0] for fault in refused.value.faults] == [
        "Line 1", "Line 2, name", "Line 3, kind", "Line 3, email", "Line 3, username", "Line 5, kind",
        "Line 5, username",
    ]  # fmt: skip


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    with pytest.raises(PeopleFileError) as refused:
        parse(b'name,username,kind\n\n"A\nB",a,staff\nC,c,robot\n')
    assert refused.value.faults[0].startswith("Line 5, kind")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("name,username,kind\nJosé,j,staff".encode("latin-1"), "Line 2: the file is not UTF-8"),
        ("name,username,kind\nA,a,staff".encode("utf-16"), "Line 1: the file is not UTF-8"),
        (b"x" * (LARGEST + 1), "larger than the 1,000,000 bytes"),
        (b"name,username,kind\n" + b"A,a,staff\n" * 5001, "has 5,001 people"),
    ],
)
def test_what_is_no_such_file_at_all(content: bytes, said: str) -> None:
    with pytest.raises(PeopleFileError, match=said):
        parse(content)


def test_the_largest_number_of_people_is_read() -> None:
    rows = "".join(f"A,a{number},staff\n" for number in range(5000))
    assert len(parse(f"name,username,kind\n{rows}".encode())) == 5000


def test_it_allows_what_the_records_allow() -> None:
    assert set(KINDS) == {kind.value for kind in Person.Kind}
    for name in ("name", "username", "badge", "email"):
        longest = getattr(Person._meta.get_field(name), "max_length", 0)
        with pytest.raises(PeopleFileError, match=f"{name}: longer than {longest} "):
            parse(f"{HEAD}\n{','.join('x' * (longest + 1) if each == name else '' for each in COLUMNS)}".encode())
    assert getattr(Position._meta.get_field("title"), "max_length", 0) == 80
    assert getattr(Agency._meta.get_field("name"), "max_length", 0) == 120


_VALUE = st.sampled_from(["", "a", "A", "member", "outside", "x|y", "2026-03-01", "a@b.gov", '"', "\n", ","]) | st.text(
    max_size=9
)
_ROWS = st.lists(st.lists(_VALUE, max_size=11), max_size=4).map(
    lambda rows: "\n".join([",".join(COLUMNS), *(",".join(row) for row in rows)]).encode("utf-8", "surrogatepass")
)


@given(st.binary(max_size=200) | _ROWS)
def test_any_bytes_are_people_or_explained(content: bytes) -> None:
    try:
        rows = parse(content)
    except PeopleFileError as error:
        assert error.faults
        assert all(error.faults)
        return
    assert rows
    assert len({row.username.casefold() for row in rows}) == len(rows)
    assert all(row.name and row.username and row.kind in KINDS for row in rows)


@given(st.emails() | st.from_regex(r"\A[a-zA-Z0-9._%+-]{1,9}@[a-z0-9.-]{1,9}\.[a-z-]{1,3}\Z"))
def test_an_address_that_is_taken_is_one_for_django_too(email: str) -> None:
    try:
        [row] = parse(f'name,username,kind,email\nA,a,staff,"{email}"'.encode())
    except PeopleFileError:
        return
    validate_email(row.email)
