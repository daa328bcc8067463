"""Bulletins in CAP 1.2 as tests need them; everything in them is made up."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape


def info(
    *,
    language: str = "en-US",
    event: str = "Child Abduction Emergency",
    headline: str = "AMBER Alert in Mill County",
    description: str = "",
    expires: str = "",
    event_code: str = "",
    area: str = "",
    code: str = "",
    parameters: Sequence[tuple[str, str]] = (),
) -> str:
    """Return one language's part of a bulletin; `description` may hold marks when the bulletin is `raw`."""
    fields = [
        _element("language", language), "<category>Rescue</category>", _element("event", event),
        "<urgency>Immediate</urgency><severity>Severe</severity><certainty>Likely</certainty>",
        _pair("eventCode", "SAME", event_code) if event_code else "",
        _element("expires", expires), _element("senderName", "Mill County Sheriff"), _element("headline", headline),
        f"<description>{description}</description>",
        *(_pair("parameter", name, value) for name, value in parameters),
        f"<area>{_element('areaDesc', area)}{_pair('geocode', 'SAME', code)}</area>" if area else "",
    ]  # fmt: skip
    return f"<info>{''.join(fields)}</info>"


def bulletin(
    *infos: str,
    identifier: str = "NYAMBER-1",
    sender: str = "alerts@example.org",
    sent: str = "2026-06-01T10:00:00-04:00",
    status: str = "Actual",
    kind: str = "Alert",
    references: str = "",
    version: str = "1.2",
    raw: bool = False,
) -> bytes:
    """Return a whole bulletin; what no XML can hold (of `raw` text) is left out by `errors`."""
    head = "".join(
        (
            _element("identifier", identifier), _element("sender", sender), _element("sent", sent),
            _element("status", status), _element("msgType", kind), "<scope>Public</scope>",
            _element("references", references),
        )
    )  # fmt: skip
    text = f'<alert xmlns="urn:oasis:names:tc:emergency:cap:{version}">{head}{"".join(infos)}</alert>'
    return text.encode("utf-8", "replace" if raw else "strict")


def _element(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>" if text else ""


def _pair(name: str, key: str, value: str) -> str:
    return f"<{name}>{_element('valueName', key)}{_element('value', value)}</{name}>"
