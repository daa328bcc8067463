"""What the product says, found in its source, and its catalogue in Spanish. `make strings` brings the two together.

Not xgettext: much of what people read is said in `core`, which is pure and calls no gettext, and many sentences there
hold values. f"Give at least {FEWEST} characters." is extracted as "Give at least {0} characters.", and
`web.language` knows the finished sentence again by that.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation.template import templatize

from platekeeper.core.formats.hotlists.rows import JUNK, REPEATED

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src/platekeeper"
CATALOGUE = SOURCE / "server/locale/es/LC_MESSAGES/django.po"

Message = tuple[str, ...]
"""The English; where it has a plural, both."""
Strings = dict[Message, Message]
"""English -> Spanish, empty where nobody has translated it yet."""

MARKED = {"_", "gettext", "gettext_lazy", "gettext_noop", "say", "Said"}
COUNTED_IN = "server/register"
COUNTED = {"Fault", "Concern", "some"}
"""Where words follow a count, which is {0} in the catalogue; and after what English has the same for one and for more."""
SAID_WHOLLY = (
    "core/blanks", "core/case_numbers.py", "core/clauses.py", "core/exhibits.py", "core/investigations",
    "core/partial.py", "core/people_file.py", "core/rules", "core/search", "core/wording/__init__.py", "core/wording/why.py",
    "server/hits/ended.py", "server/jobs/work.py", "server/ledger/lookups.py", "server/procedures/back_up.py",
    "server/procedures/drill_backups.py", "server/procedures/hand_in_hot_list.py", "server/procedures/import_people.py",
    "server/procedures/keep_recovery_key.py",
    "server/register/entries.py", "server/register/guidance.py", "server/storage/errors.py",
)  # fmt: skip
"""Where every string with a space in it, or a word with a capital, is said to people."""
SAID_IN_REFUSING = (
    "server/procedures", "server/ledger/signing.py", "core/barred.py", "core/perimeter",
    "core/plates.py", "core/policy.py", "core/transfer.py",
    "server/gateways/partners.py", "core/formats/cameras", "core/formats/cap.py",
    "core/formats/reads.py",
)  # fmt: skip
"""Where what is refused or raised is, and why something was not understood."""
NAMED_IN = ("core/formats/hotlists", "core/profiles.py", "core/state_reports.py")
NAMED = {"Profile": slice(1, 3), "StateReport": slice(1, 2), "SkippedLine": slice(1, 2), "left_out": slice(0, 1)}
"""Where titles are said, and these arguments."""
BESIDES: set[Message] = {(JUNK,), (REPEATED,), ("once",), ("twice",)}
"""Reasons why a line of a hot list is left out that several formats have, and how often something was seen."""
HEADER = r'msgid ""' "\n" r'msgstr ""' "\n" r'"Language: es\n"' "\n" r'"MIME-Version: 1.0\n"' "\n" \
    r'"Content-Type: text/plain; charset=UTF-8\n"' "\n" r'"Content-Transfer-Encoding: 8bit\n"' "\n" \
    r'"Plural-Forms: nplurals=2; plural=(n != 1);\n"' "\n"  # fmt: skip


def found() -> set[Message]:
    """Return everything that the product says."""
    messages = {message for path in SOURCE.rglob("templates/**/*.*") for message in _of_template(path.read_text())}
    messages |= BESIDES
    for path in [*SOURCE.glob("core/**/*.py"), *SOURCE.glob("server/**/*.py")]:
        name, text = path.relative_to(SOURCE).as_posix(), path.read_text()
        if name.startswith((*SAID_WHOLLY, *SAID_IN_REFUSING, *NAMED_IN, COUNTED_IN)) or "translation" in text:
            messages.update(_of_module(name, ast.parse(text)))
    return messages


def _of_template(text: str) -> Iterator[Message]:
    literal = r"""u?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
    said = templatize(text)
    for one, many in re.findall(rf"\bngettext\({literal}, {literal}", said):
        yield ast.literal_eval(one), ast.literal_eval(many)
    for words in re.findall(rf"\b(?:gettext|_)\({literal}\)", said):
        yield (ast.literal_eval(words),)


def _of_module(name: str, tree: ast.Module) -> Iterator[Message]:
    if name.startswith(SAID_WHOLLY):
        yield from _whole(tree)
    refuses, counts = name.startswith(SAID_IN_REFUSING), name.startswith(COUNTED_IN)
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg in {"sealed", "filters"} and isinstance(node.value, ast.Dict):
            yield from _fields(node.value)
        if not isinstance(node, ast.Call | ast.Raise):
            continue
        if name.startswith(NAMED_IN) and isinstance(node, ast.Call):
            yield from _named(node)
        match node:
            case ast.Call(func=ast.Name(id="ngettext"), args=[ast.Constant(one), ast.Constant(many), *_]):
                yield str(one), str(many)
            case ast.Call(func=ast.Name(id="many"), args=[_, ast.Constant(str(one)), ast.Constant(str(many))]) if (
                counts
            ):
                yield f"{{0}} {one}", f"{{0}} {many}"
            case ast.Call(func=ast.Name(id=found), args=[_, ast.Constant(str(words)), *_]) if (
                counts and found in COUNTED
            ):
                yield f"{{0}} {words}", f"{{0}} {words}"
            case ast.Call(func=ast.Name(id=marker), args=[ast.Constant(str(words)), *_]) if marker in MARKED and words:
                yield (words,)
            case ast.Call(func=ast.Name(id="Refused"), args=[_, words, *_]) if refuses:
                yield from _sentence(words)
            case ast.Call(func=ast.Name(id="UnparsedRead"), args=[*args], keywords=keywords) if refuses:
                yield from (
                    each for words in (*args[:1], *(k.value for k in keywords[:1])) for each in _sentence(words)
                )
            case ast.Raise(exc=ast.Call(args=[*args])) if refuses:
                yield from (each for words in args for each in _sentence(words))
            case _:
                pass


def _named(call: ast.Call) -> Iterator[Message]:
    """Give the titles and the arguments of a call that are said."""
    called = call.func.id if isinstance(call.func, ast.Name) else ""
    titles = [each.value for each in call.keywords if each.arg == "title"]
    for words in (*titles, *call.args[NAMED.get(called, slice(0))]):
        yield from _sentence(words)


def _fields(sealed: ast.Dict) -> Iterator[Message]:
    """Give the names of what a leaf of the ledger seals, as its page says them."""
    for key in sealed.keys:
        if isinstance(key, ast.Constant):
            yield (str(key.value).replace("_", " ").capitalize(),)


def _whole(tree: ast.Module) -> Iterator[Message]:
    """Give every string of a module with a space in it, but for docstrings and parts of others."""
    nodes = list(ast.walk(tree))
    passed = {node.value for node in nodes if isinstance(node, ast.Expr)}
    passed.update(part for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values)
    for node in nodes:
        if isinstance(node, ast.expr) and node not in passed:
            yield from _sentence(node)


def _sentence(node: ast.AST) -> Iterator[Message]:
    """Give the words of a literal, its values numbered; nothing for what has no words of its own to speak of."""
    if isinstance(node, ast.IfExp):
        yield from (*_sentence(node.body), *_sentence(node.orelse))
    if isinstance(node, ast.Dict):  # by the fields that they are about
        yield from (each for value in node.values for each in _sentence(value))
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    values = 0
    words = ""
    for part in parts:
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            words += part.value
        elif isinstance(part, ast.FormattedValue):
            words, values = f"{words}{{{values}}}", values + 1
    own = re.sub(r"\{\d+\}|%\w", "", words)
    is_said = (" " in words.strip() and re.search(r"[a-z]{3}", own)) or re.fullmatch(r"[A-Z][a-z]{3,}", words)
    if is_said and words == words.strip() and not words[0].isdigit() and "\\" not in words:
        yield (words,)


def kept() -> Strings:
    """Return the catalogue."""
    text = CATALOGUE.read_text() if CATALOGUE.exists() else ""
    strings = {}
    for entry in text.split("\n\n")[1:]:
        words = {key: json.loads(said) for key, said in re.findall(r'^(msg\S+) (".*")$', entry, re.MULTILINE)}
        english = tuple(words[key] for key in ("msgid", "msgid_plural") if key in words)
        strings[english] = tuple(said for key, said in words.items() if key.startswith("msgstr") and said)
    return strings


def written(strings: Strings) -> str:
    """Return a catalogue as gettext's tools read it: in the order of the English, each string on a line."""
    return "\n".join([HEADER, *(_entry(english, strings[english]) for english in sorted(strings))])


def _entry(english: Message, spanish: Message) -> str:
    one, *many = (json.dumps(words, ensure_ascii=False) for words in english)
    said = [json.dumps(words, ensure_ascii=False) for words in spanish] or ['""'] * len(english)
    if not many:
        lines = [f"msgid {one}", f"msgstr {said[0]}"]
    else:
        lines = [f"msgid {one}", f"msgid_plural {many[0]}", *(f"msgstr[{n}] {words}" for n, words in enumerate(said))]
    flag = ["#, python-format"] if any("%(" in words or "%d" in words for words in english) else []
    return "\n".join([*flag, *lines, ""])


def main() -> None:
    """Write the catalogue anew: new strings empty, old ones gone; then compile it."""
    old = kept()
    new = {english: old.get(english, ()) for english in found()}
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    CATALOGUE.write_text(written(new))
    subprocess.run(["msgfmt", "--check", "--no-hash", "-o", CATALOGUE.with_suffix(".mo"), CATALOGUE], check=True)
    print(
        f"{len(new)} strings, {sum(not spanish for spanish in new.values())} without Spanish, {len(old.keys() - new)} gone"
    )


if __name__ == "__main__":
    main()
