"""Forms about hot lists: what a list is set to, and a file of one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from platekeeper.core.categories import Category, HitAction, Source
from platekeeper.core.formats.hotlists import HOT_LIST_FORMATS, mapped
from platekeeper.core.formats.hotlists.delimited import FIELDS, Delimited
from platekeeper.core.rules.lists import USUAL_ALARMS, MatchKind
from platekeeper.server.hotlist.lookups import PORTAL, hot_lists
from platekeeper.server.hotlist.models import HotList
from platekeeper.server.procedures.load_hot_list import LARGEST_FILE
from platekeeper.server.procedures.manage_hot_lists import ListSettings
from platekeeper.server.web.forms.entries import CATEGORIES
from platekeeper.server.web.language import said_lazily

SOURCES: dict[str, str | Promise] = {
    Source.PORTAL: _("New York State Integrated Justice Portal"),
    Source.NCIC: _("NCIC"),
    Source.NICB: _("NICB"),
    Source.DEPARTMENT: _("the department or a partner"),
}
ALARMS: dict[str, str | Promise] = {
    MatchKind.PLATE_AND_STATE: _("plate and state agree"),
    MatchKind.PLATE_ONLY: _("plate agrees, state unknown or different"),
    MatchKind.PARTIAL: _("partial plate agrees"),
    MatchKind.LOOK_ALIKE: _("look-alike: a character is one it is misread for"),
}
"""How much must agree for an alarm, in words; what is not chosen waits for silent review."""
COLUMNS: list[tuple[tuple[str, ...], str | Promise]] = [
    (mapped.FORMAT.columns[name], meaning)
    for name, meaning in {
        "plate": _("the plate; needed"),
        "state": _("the state, as NY"),
        "category": _("why it is wanted, such as stolen vehicle; another word is kept as the reason"),
        "reason": _("more about why"),
        "make": _("make of the vehicle"),
        "model": _("model of the vehicle"),
        "year": _("year of the vehicle"),
        "color": _("color of the vehicle"),
        "reference": _("case or NIC number"),
        "agency": _("whose entry it is"),
        "effective": _("the day from which it counts"),
        "expires": _("the day with which it ends"),
        "action": _("what a hit does, where it is not what is usual"),
        "operation": _("add or remove, in a file of rows to add and remove"),
    }.items()
]
"""The headings that a file with a heading may have, and what stands below each."""


def _plain(value: str) -> str:
    """Return a word of ours as people write it; `_one_of` reads it back."""
    return value.replace("_", " ")


def _listed(words: Iterable[str]) -> str:
    return ", ".join(map(_plain, words))


WHOLE, CHANGES = "whole", "changes"


class LoadForm(forms.Form):
    """A file of a list."""

    hot_list = forms.ChoiceField(label=_("Hot list"))
    holds = forms.ChoiceField(
        label=_("The file holds"),
        choices=[
            (WHOLE, _("what this list's files usually hold")),
            (CHANGES, _("rows to add and remove (CSV or TSV)")),
        ],
        initial=WHOLE,
        required=False,
    )
    file = forms.FileField(
        label=_("Hot list file"),
        help_text=_("Of the portal: LPRinfo.zip, or the text file inside it."),
        max_length=200,
        allow_empty_file=True,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        lists = {
            PORTAL: _("New York State portal"),
            **{each.slug: each.name for each in hot_lists().filter(in_use=True)},
        }
        field = self.fields["hot_list"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(lists.items())

    def clean_file(self) -> UploadedFile[Any]:
        """Refuse a file that is too large before it is read."""
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST_FILE:
            raise forms.ValidationError(
                _("The file is larger than the %(most)s MB that a hot list may have."),
                params={"most": LARGEST_FILE // 2**20},
            )
        return file

    @property
    def format(self) -> str:
        """Return the file's layout where it is not the list's own."""
        return "incremental" if self.cleaned_data["holds"] == CHANGES else ""


class ListForm(forms.Form):
    """What a list is set to. Templates are written a pair a line: `plate = Tag Number`."""

    name = forms.CharField(label=_("Name"), max_length=80)
    source = forms.ChoiceField(label=_("Source"), choices=list(SOURCES.items()))
    format = forms.ChoiceField(
        label=_("Format of its files"),
        choices=[(key, said_lazily(found.title)) for key, found in HOT_LIST_FORMATS.items()],
    )
    columns = forms.CharField(
        label=_("Columns"), required=False, widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text=_("For files with a heading whose columns have other names, a line each: plate = Tag Number. Ours are: %s.")
        % ", ".join(FIELDS),
    )  # fmt: skip
    words = forms.CharField(
        label=_("Words for categories"), required=False, widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text=_("A line each, the file's word first: 10-29V = stolen vehicle. Ours are: %s.") % _listed(Category),
    )  # fmt: skip
    alarms = forms.MultipleChoiceField(
        label=_("What alarms"), choices=list(ALARMS.items()), required=False, widget=forms.CheckboxSelectMultiple,
        initial=sorted(USUAL_ALARMS), help_text=_("What is not chosen waits for silent review."),
    )  # fmt: skip
    categories = forms.MultipleChoiceField(
        label=_("Categories that count"), choices=list(CATEGORIES.items()), required=False,
        widget=forms.CheckboxSelectMultiple, help_text=_("None chosen: all of them."),
    )  # fmt: skip
    actions = forms.CharField(
        label=_("What a hit does"), required=False, widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=_("Where it is not what is usual, a line each: registration = observe. Choose from: %s.")
        % _listed(HitAction),
    )  # fmt: skip
    stale_after = forms.IntegerField(
        label=_("Stale after, in hours"), required=False, min_value=1, max_value=24 * 90,
        help_text=_("Left empty, a list is stale the day after (V.a, VII.d)."),
    )  # fmt: skip
    in_use = forms.BooleanField(label=_("In use: reads are matched against it"), required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""

    def clean_columns(self) -> dict[str, str]:
        """Read the template of columns."""
        return _pairs(self.cleaned_data["columns"])

    def clean_words(self) -> dict[str, str]:
        """Read the template of categories."""
        return {word: _one_of(Category, value) for word, value in _pairs(self.cleaned_data["words"]).items()}

    def clean_actions(self) -> dict[str, str]:
        """Read what hits do."""
        pairs = _pairs(self.cleaned_data["actions"])
        return {_one_of(Category, name): _one_of(HitAction, value) for name, value in pairs.items()}

    def clean(self) -> dict[str, Any]:
        """Refuse a template where files have no columns to name."""
        given = super().clean() or self.cleaned_data
        takes_template = isinstance(HOT_LIST_FORMATS.get(given.get("format", "")), Delimited)
        if not takes_template and (given.get("columns") or given.get("words")):
            self.add_error("columns", _("Files of this format have no columns to name; leave both templates empty."))
        return given

    @property
    def settings(self) -> ListSettings:
        """Return what was written."""
        given = self.cleaned_data
        return ListSettings(
            name=given["name"],
            source=Source(given["source"]),
            format=given["format"],
            columns=given["columns"],
            words=given["words"],
            categories=[Category(category) for category in given["categories"]],
            alarms=[MatchKind(kind) for kind in given["alarms"]],
            actions={Category(category): HitAction(action) for category, action in given["actions"].items()},
            stale_after=given["stale_after"],
            in_use=given["in_use"],
        )


def written(hot_list: HotList) -> dict[str, Any]:
    """Return a list's settings as the form shows them."""
    pairs = {
        "columns": hot_list.columns,
        "words": {word: _plain(category) for word, category in hot_list.words.items()},
        "actions": {_plain(category): _plain(action) for category, action in hot_list.actions.items()},
    }
    lines = {name: "\n".join(f"{left} = {right}" for left, right in each.items()) for name, each in pairs.items()}
    plain = ("name", "source", "format", "alarms", "categories", "stale_after", "in_use")
    return {**{name: getattr(hot_list, name) for name in plain}, **lines}


def _pairs(text: str) -> dict[str, str]:
    found = {}
    for line in text.splitlines():
        left, equals, right = (part.strip() for part in line.partition("="))
        if line.strip() and not (left and equals and right):
            raise forms.ValidationError(
                _("Write a pair a line, with = between: %(line)s"), params={"line": line.strip()}
            )
        if left:
            found[left] = right
    return found


def _one_of(words: type[Category] | type[HitAction], text: str) -> str:
    try:
        return words(text.strip().lower().replace(" ", "_")).value
    except ValueError as error:
        raise forms.ValidationError(
            _("%(text)s is none of: %(known)s."), params={"text": text, "known": _listed(words)}
        ) from error
