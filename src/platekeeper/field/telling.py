"""What the page in the car says of an alarm, in words."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from platekeeper.core.matching import HowMatched, StateAgreement
from platekeeper.core.moments import moment_of
from platekeeper.field.alarms import Alarm, Step

_ACTIONS = {
    "stop": "Wanted. Verify the picture and confirm with dispatch before any stop.",
    "confirm_first": "Confirm with dispatch before anything else.",
    "observe": "Observe and report. Do not stop on this entry alone.",
}
_STEPS = {
    Step.IMAGE_VERIFIED: "The picture agrees with the vehicle",
    Step.IMAGE_DIFFERS: "The picture differs: no alarm",
    Step.CONFIRMED: "Dispatch confirms",
    Step.NOT_CONFIRMED: "Dispatch does not confirm",
    Step.RECALLED: "Recalled",
}
_AFTER_ALL = {
    Step.IMAGE_VERIFIED: "I was mistaken: it agrees",
    Step.IMAGE_DIFFERS: "I was mistaken: it differs",
    Step.CONFIRMED: "It was confirmed after all",
    Step.NOT_CONFIRMED: "It was not confirmed after all",
}
_ENDED = {
    Step.IMAGE_DIFFERS: "Ended: another vehicle.",
    Step.NOT_CONFIRMED: "Ended: not confirmed.",
    Step.CONFIRMED: "Verified and confirmed.",
    Step.RECALLED: "Recalled: the camera corrected what it read. No alarm.",
}


def alarm_told(alarm: Alarm, zone: ZoneInfo) -> dict[str, Any]:
    """Return an alarm as plain data, in words, its time in the department's zone."""
    hit, entry, ended = alarm.hit, alarm.hit["entry"], _ENDED.get(alarm.last, "") if alarm.last else ""
    recalled = alarm.last is Step.RECALLED
    return {
        "id": alarm.id, "number": alarm.number, "plate": alarm.plate,
        "at": f"{moment_of(alarm.raised).astimezone(zone):%H:%M:%S}",
        "category": hit["category"].replace("_", " "), "action": "" if recalled else _ACTIONS.get(hit["action"], ""),
        "how": how_told(alarm), "state_warning": state_told(alarm),
        "facts": [fact for fact in (entry.get("reason"), _vehicle(entry), entry.get("list"), _case(entry)) if fact],
        "steps": [_STEPS[step] for step in alarm.steps],
        "next": [{"step": step.value, "words": _STEPS[step]} for step in Step if step in alarm.next_steps],
        "back": [{"step": step.value, "words": _AFTER_ALL[step]} for step in Step if step is alarm.opposite],
        "mark": alarm.mark, "ended": ended, "recalled": ended if recalled and alarm.lasts else "",
    }  # fmt: skip


def how_told(alarm: Alarm) -> str:
    """Say how much of the entry the read agrees with; "" where it is the plate itself."""
    wanted = alarm.hit["entry"]["plate"]
    match HowMatched(alarm.hit["how"]):
        case HowMatched.LOOK_ALIKE:
            return f"Look-alike: read as {alarm.plate}, wanted is {wanted}. Compare every character."
        case HowMatched.PARTIAL:
            return f"Partial plate: {alarm.plate} fits {wanted}."
        case _:
            return ""


def state_told(alarm: Alarm) -> str:
    """Warn of a state that differs, or was not read; "" where it agrees."""
    wanted, seen = alarm.hit["entry"].get("state") or "", alarm.read.get("state") or ""
    match StateAgreement(alarm.hit["state"]):
        case StateAgreement.AGREES:
            return ""
        case StateAgreement.DIFFERS:
            return f"Another state: read {seen}, wanted {wanted}."
        case _:
            return f"The state was not compared. Wanted: {wanted or 'any'}. Read it off the plate."


def _vehicle(entry: dict[str, Any]) -> str:
    return " ".join(str(entry[name]) for name in ("year", "color", "make", "model") if entry.get(name))


def _case(entry: dict[str, Any]) -> str:
    return f"Case {entry['case_number']}" if entry.get("case_number") else ""
