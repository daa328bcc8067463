"""Training on its pages: one's own, and the department's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from platekeeper.server.personnel.changes import set_active
from platekeeper.server.personnel.models import Bulletin, ChangeNotice, Course, Person, Training
from platekeeper.server.policy.models import PolicyVersion
from platekeeper.server.procedures.authority import footing
from tests.cast import Cast
from tests.web.access.training import issued, noted
from tests.web.making import stepped_up

pytestmark = pytest.mark.django_db
AsRole = Callable[[str], Client]


def _today(cast: Cast, *, days: int = 0) -> str:
    """Return the department's own day, as a form has it."""
    return f"{footing(cast.trainer, at=timezone.now()).today + timedelta(days=days)}"


def _trained_for(cast: Cast, person: Person, *, days: int) -> None:
    """Let a person's training hold for so many days from today."""
    today = footing(cast.trainer, at=timezone.now()).today
    Training.objects.filter(person=person).update(on=today - timedelta(days=365 - days))


def _text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_who_lapsed_is_told_what_to_do_and_by_whom(cast: Cast, as_role: AsRole) -> None:
    page = _text(as_role("rookie"), "/training/")
    assert "No LPR training is recorded." in page
    assert "Tina Trainer" in page
    page = _text(as_role("officer"), "/training/")
    assert "Your training holds until" in page


def test_an_overdue_bulletin_stops_use_and_reading_it_restores_it(cast: Cast, as_role: AsRole) -> None:
    bulletin = issued(cast, due=-2)
    officer = as_role("officer")
    refused = officer.get("/hits/")
    assert refused.status_code == 403
    assert "New lens" in refused.content.decode()
    assert "overdue since" in _text(officer, "/training/")
    assert "bulletin to read" in _text(officer, "/")
    officer.post(f"/training/bulletins/{bulletin.pk}/read/")
    assert officer.get("/hits/").status_code == 200
    page = _text(as_role("trainer"), f"/training/bulletins/{bulletin.pk}/")
    assert "1 of 12 have read it" in page
    stepped_up(as_role("trainer")).post(f"/training/bulletins/{bulletin.pk}/withdraw/")
    assert as_role("detective").get("/queries/").status_code == 200
    assert as_role("detective").post(f"/training/bulletins/{bulletin.pk}/read/").status_code == 403


def test_a_bulletin_with_a_course_is_not_done_by_reading(cast: Cast, as_role: AsRole) -> None:
    course = Course.objects.create(title="New law", kind="in_service", added_at=timezone.now())
    bulletin = issued(cast, course=course)
    assert as_role("officer").post(f"/training/bulletins/{bulletin.pk}/read/").status_code == 403
    assert "Take the course" in _text(as_role("officer"), "/training/")
    form = {"course": course.pk, "on": _today(cast), "people": [cast.officer.pk]}
    as_role("trainer").post("/training/classes/record/", form)
    assert "Take the course" not in _text(as_role("officer"), "/training/")


def test_a_class_is_recorded_and_a_wrong_record_withdrawn(cast: Cast, as_role: AsRole) -> None:
    trainer = stepped_up(as_role("trainer"))
    assert "Rory Rookie" in _text(trainer, "/training/classes/record/")
    form = {
        "course": Course.objects.get().pk,
        "on": _today(cast),
        "people": [cast.rookie.pk, cast.temp.pk],
    }
    answer = trainer.post("/training/classes/record/", form, follow=True)
    assert "2 records are made." in answer.content.decode()
    assert as_role("rookie").get("/hits/").status_code == 200
    record = Training.objects.get(person=cast.rookie)
    assert trainer.post(f"/training/records/{record.pk}/withdraw/", {"why": " "}).status_code == 403
    trainer.post(f"/training/records/{record.pk}/withdraw/", {"why": "somebody else took it"})
    assert as_role("rookie").get("/hits/").status_code == 403
    assert "somebody else took it" in _text(trainer, f"/training/people/{cast.rookie.pk}/")


@pytest.mark.parametrize("missing", ["course", "on", "people"])
def test_a_class_that_cannot_be_is_explained(missing: str, cast: Cast, as_role: AsRole) -> None:
    form = {"course": Course.objects.get().pk, "on": _today(cast), "people": [cast.rookie.pk], missing: ""}
    answer = as_role("trainer").post("/training/classes/record/", form)
    assert (answer.status_code, "errorlist" in answer.content.decode()) == (200, True)


def test_courses_are_added_once_and_retired(cast: Cast, as_role: AsRole) -> None:
    trainer = as_role("trainer")
    form = {"title": "Refresher", "kind": "refresher", "outline": "again"}
    trainer.post("/training/courses/add/", form)
    assert "errorlist" in trainer.post("/training/courses/add/", form).content.decode()
    course = Course.objects.get(title="Refresher")
    trainer.post(f"/training/courses/{course.pk}/retire/")
    assert "no longer given" in _text(trainer, "/training/keeping/")
    assert "Refresher" not in _text(trainer, "/training/classes/record/")


def test_a_change_is_noted_and_answered_with_a_bulletin(cast: Cast, as_role: AsRole) -> None:
    trainer = as_role("trainer")
    trainer.post("/training/changes/note/", {"cause": "law", "what": "a new statute"})
    notice = ChangeNotice.objects.get()
    assert "a new statute" in _text(trainer, "/training/keeping/")
    assert "a new statute" in _text(trainer, f"/training/bulletins/issue/?answers={notice.pk}")
    form = {
        "title": "The new statute", "cause": "law", "text": "Read it.", "due_on": _today(cast),
        "must": "on", "positions": ["Patrol Officer"], "answers": [notice.pk],
    }  # fmt: skip
    trainer.post("/training/bulletins/issue/", form)
    notice.refresh_from_db()
    assert notice.bulletin == Bulletin.objects.get()
    assert "The new statute" in _text(as_role("officer"), "/training/")
    assert "The new statute" not in _text(as_role("sergeant"), "/training/")
    yesterday = form | {"due_on": _today(cast, days=-2), "answers": []}
    page = trainer.post("/training/bulletins/issue/", yesterday).content.decode()
    assert "Give people until today at least." in page and "Read it." in page
    assert Bulletin.objects.count() == 1


def test_a_change_may_need_no_bulletin_with_a_reason(cast: Cast, as_role: AsRole) -> None:
    notice, trainer = noted(cast), as_role("trainer")
    assert trainer.post(f"/training/changes/{notice.pk}/no-need/", {"why": ""}).status_code == 403
    trainer.post(f"/training/changes/{notice.pk}/no-need/", {"why": "it concerns courts only"})
    notice.refresh_from_db()
    assert notice.no_need == "it concerns courts only"
    for wrong in ({"cause": "law", "what": " "}, {"cause": "weather", "what": "rain"}):
        assert "errorlist" in trainer.post("/training/changes/note/", wrong).content.decode()
    assert ChangeNotice.objects.count() == 1


def test_other_software_of_an_lpr_asks_for_in_service_training(cast: Cast, as_role: AsRole) -> None:
    administrator, address = as_role("administrator"), f"/lprs/{cast.lpr.pk}/make/"
    administrator.post(address, {"model": "Q6", "software": "1.0"})
    assert not ChangeNotice.objects.exists()  # nothing was known before
    administrator.post(address, {"model": "Q6", "software": "2.0"})
    notice = ChangeNotice.objects.get()
    assert (notice.cause, notice.subject) == ("software", f"lpr:{cast.lpr.pk}")
    page = _text(as_role("trainer"), "/training/keeping/")
    assert "1.0 became 2.0" in page and "to be answered by" in page
    assert "Q6 2.0" in _text(administrator, "/lprs/")
    assert "change to answer" in _text(as_role("trainer"), "/")
    assert "2.0" in _text(administrator, address)


def test_what_is_said_follows_what_is_the_matter(cast: Cast, as_role: AsRole) -> None:
    _trained_for(cast, cast.officer, days=20)
    page = _text(as_role("officer"), "/training/")
    assert "Take it again before that day" in page and "What to do" not in page
    _trained_for(cast, cast.officer, days=-1)
    page = _text(as_role("officer"), "/training/")
    assert "LPR training lapsed on" in page and "Take the LPR training again." in page
    assert "an initial course comes first" in _text(as_role("rookie"), "/training/")
    issued(cast, due=-2)
    page = _text(as_role("detective"), "/training/")
    assert "Read what is overdue below" in page
    assert "The training is given by" not in page  # nobody is needed for reading
    set_active(cast.trainer, active=False, at=timezone.now())
    assert "Tell your supervisor" in _text(as_role("rookie"), "/training/")


def test_training_cannot_mend_what_the_policy_leaves_open(cast: Cast, as_role: AsRole) -> None:
    version = PolicyVersion.objects.get()
    values = {key: value for key, value in version.values.items() if key != "IV.i.refresher"}
    PolicyVersion.objects.filter(pk=version.pk).update(values=values)
    page = _text(as_role("officer"), "/training/")
    assert "The policy does not say yet" in page and "What to do" not in page
    page = _text(as_role("trainer"), "/training/keeping/")
    assert "The policy does not say yet" in page and "never trained" in page


def test_a_bulletin_can_be_read_again_and_only_who_trains_sees_who_has_not(cast: Cast, as_role: AsRole) -> None:
    bulletin, officer = issued(cast), as_role("officer")
    address = f"/training/bulletins/{bulletin.pk}/"
    assert "I have read this" in _text(officer, address)
    officer.post(f"{address}read/")
    page = _text(officer, address)
    assert "you read it on" in page and "I have read this" not in page
    assert "have read it" not in page and "Dee Detective" not in page
    assert address in _text(officer, "/training/")
    page = _text(as_role("trainer"), address)
    assert "1 of 12 have read it" in page and "Dee Detective" in page
    assert "Nothing is asked of you here" in _text(as_role("outsider"), "/training/")
    assert as_role("outsider").get(address).status_code == 403


def test_what_needs_attention_comes_first(cast: Cast, as_role: AsRole) -> None:
    _trained_for(cast, cast.sergeant, days=-1)
    _trained_for(cast, cast.temp, days=30)
    _trained_for(cast, cast.auditor, days=3)
    _trained_for(cast, cast.clerk, days=31)
    issued(cast, due=-2, positions=["Detective"])
    page = _text(as_role("trainer"), "/training/keeping/")
    names = [cast.sergeant, cast.detective, cast.auditor, cast.temp, cast.rookie, cast.clerk]
    found = [page.index(f"/training/people/{person.pk}/") for person in names]
    assert found == sorted(found)
    for state in ("lapsed", "overdue", "lapses soon", "never trained", "current"):
        assert f">{state}</span>" in page


def test_a_class_recorded_twice_is_recorded_once(cast: Cast, as_role: AsRole) -> None:
    form = {"course": Course.objects.get().pk, "on": _today(cast), "people": [cast.rookie.pk]}
    for said in ("1 record is made.", "All of them have this record already."):
        assert said in as_role("trainer").post("/training/classes/record/", form, follow=True).content.decode()
    assert Training.objects.filter(person=cast.rookie).count() == 1
    form["on"] = _today(cast, days=1)
    page = as_role("trainer").post("/training/classes/record/", form).content.decode()
    assert "recorded once it was taken" in page and "checked" in page


def test_a_withdrawal_asks_for_the_password_again(cast: Cast, as_role: AsRole) -> None:
    record, bulletin = Training.objects.get(person=cast.officer), issued(cast)
    cast.trainer.set_password("correct horse battery staple")
    cast.trainer.save()
    for address in (f"/training/records/{record.pk}/withdraw/", f"/training/bulletins/{bulletin.pk}/withdraw/"):
        answer = as_role("trainer").post(address, {"why": "wrong"})
        assert answer.status_code == 302 and answer.headers["Location"].startswith("/accounts/")
    assert not Training.objects.exclude(withdrawn_at=None).exists()
    assert not Bulletin.objects.exclude(withdrawn_at=None).exists()


@pytest.mark.parametrize("answers", ["0", "x", "²", "9" * 30])
def test_a_bulletin_answers_only_a_change_that_is_there(answers: str, cast: Cast, as_role: AsRole) -> None:
    assert "Changes that it answers" not in _text(as_role("trainer"), f"/training/bulletins/issue/?answers={answers}")
