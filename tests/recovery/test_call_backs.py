"""A call-back promised without an alert falls due by itself: somebody is told, list, chart and phone say it."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from alerts.messaging.contact_methods import switch
from alerts.models import Alert, Delivery
from patients.models import CallBack, Patient, Staff
from recovery.desk.desk_words import clock_words
from recovery.desk.worklist.worklist_rows import GROUPS
from recovery.journey import actions, call_backs, stays, writing
from recovery.promises import EVERY_PROMISE
from tests.patients.pages import signed_in, text
from tests.people import Cast, make_mobile
from tests.recovery.conftest import NUMB, Send
from tests.recovery.desk import action, alert_of, chart

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def one_factor(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False


@pytest.fixture
def nurse(people: Cast) -> Client:
    return signed_in(people.nurse)


def promise(people: Cast, kind: str = "contacted", **more: Any) -> CallBack:
    now = timezone.now()
    typed = {"kind": kind, "note": "She asks about the bandage.", "call_back_by": now + HOUR, **more}
    writing.write_down(staff=people.nurse, patient=people.patient, now=now, **typed)
    return CallBack.objects.latest("pk")


def told(message: str = call_backs.MESSAGE) -> set[tuple[str, str]]:
    rows = Delivery.objects.filter(message=message).exclude(channel="board")
    return set(rows.values_list("recipient", "channel"))


def late(people: Cast, **more: Any) -> Alert:
    row = promise(people, **more)
    assert call_backs.notice_due(row.due_at) == 1
    return alert_of(people.patient)


def test_the_form_takes_a_promise_and_list_chart_and_phone_say_it(people: Cast, nurse: Client, send: Send) -> None:
    send({})
    at = (timezone.now() + HOUR).astimezone(ZoneInfo(people.clinic.timezone)).replace(second=0, microsecond=0)
    typed = {"once": "p", "kind": "contacted", "note": "Bandage.", "call_back_by": f"{at:%Y-%m-%dT%H:%M}"}
    answer = nurse.post(f"{chart(people.patient)}contact/", typed, follow=True)
    row = CallBack.objects.get()
    assert (row.patient, row.promised_by, row.due_at) == (people.patient, people.nurse, at)
    words = f"Call back by {clock_words(at, timezone.now(), ZoneInfo(people.clinic.timezone))}"
    assert words in text(answer)
    assert "The call-back is on the list." in text(answer)
    page = text(nurse.get("/desk/"))
    assert GROUPS["call_back"] in page
    assert f"{words}, promised by {people.nurse.name}" in page
    assert "promised to call you by" in text(signed_in(people.patient).get("/today/"))
    # the same press again promises nothing twice
    nurse.post(f"{chart(people.patient)}contact/", typed)
    assert CallBack.objects.count() == 1


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"kind": "contacted", "call_back_by": "2020-01-01T10:00"}, "within the next 48 hours"),
        ({"kind": "not_reached", "call_back_by": "soon"}, "Nobody was reached"),
    ],
)
def test_a_promise_that_can_not_be_is_asked_back(
    people: Cast, nurse: Client, typed: dict[str, str], words: str
) -> None:
    if typed["call_back_by"] == "soon":
        at = (timezone.now() + HOUR).astimezone(ZoneInfo(people.clinic.timezone))
        typed = {**typed, "call_back_by": f"{at:%Y-%m-%dT%H:%M}"}
    answer = nurse.post(f"{chart(people.patient)}contact/", {"note": "x", **typed})
    assert answer.status_code == 422
    assert words in text(answer)
    assert not CallBack.objects.exists()


def test_when_it_passes_an_alert_asks_for_it_and_whoever_promised_it_is_told(people: Cast) -> None:
    make_mobile(people.nurse, "+13125550123")
    row = promise(people)
    assert call_backs.notice_due(row.due_at - timedelta(seconds=1)) == 0
    assert call_backs.notice_due(row.due_at) == 1
    assert call_backs.notice_due(row.due_at + HOUR) == 0
    alert = alert_of(people.patient)
    assert (alert.tier, [sign.sign for sign in alert.signs.all()]) == ("watch", ["call_back_missed"])
    assert told() == {(f"staff:{people.nurse.pk}", "email"), (f"staff:{people.nurse.pk}", "sms")}


def test_the_late_one_stands_on_list_chart_and_phone(people: Cast, nurse: Client) -> None:
    row = promise(people)
    CallBack.objects.update(promised_at=row.promised_at - 2 * HOUR, due_at=timezone.now() - HOUR)
    call_backs.notice_due(timezone.now())
    for page in ("/desk/", chart(people.patient)):
        assert "A promised call-back is late" in text(nurse.get(page))
    words = text(signed_in(people.patient).get("/today/"))
    assert "do not wait any longer: call them" in words


@pytest.mark.parametrize("gone", ["no access", "no way but the screen"])
def test_somebody_else_is_told_when_nothing_reaches_whoever_promised_it(people: Cast, gone: str) -> None:
    row = promise(people)
    if gone == "no access":
        Staff.objects.filter(pk=people.nurse.pk).update(active=False)
    else:
        switch(staff=people.nurse, kind="email", on=False, sure=True, now=timezone.now())
    call_backs.notice_due(row.due_at)
    assert (f"staff:{people.nurse2.pk}", "email") in told()
    assert f"staff:{people.nurse.pk}" not in {recipient for recipient, _ in told()}


@pytest.mark.parametrize("kind", ["contacted", "evaluated"])
def test_speaking_with_the_patient_settles_it_and_nobody_is_told(people: Cast, kind: str) -> None:
    row = promise(people)
    writing.write_down(staff=people.nurse2, patient=people.patient, kind=kind, note="Called.", now=timezone.now())
    row.refresh_from_db()
    assert row.settled_by == people.nurse2
    assert call_backs.notice_due(row.due_at) == 0
    assert Patient.all_clinics.get(pk=people.patient.pk).work_rank == 90


@pytest.mark.parametrize("kind", ["note", "not_reached"])
def test_a_note_or_a_call_without_an_answer_settles_nothing(people: Cast, kind: str) -> None:
    row = promise(people)
    writing.write_down(staff=people.nurse2, patient=people.patient, kind=kind, note="x", now=timezone.now())
    assert call_backs.notice_due(row.due_at) == 1


def test_a_contact_about_an_alert_settles_it_and_its_promise_is_the_alerts(people: Cast, send: Send) -> None:
    row = promise(people)
    send(NUMB)
    at = timezone.now() + 2 * HOUR
    promise(people, call_back_by=at, about=alert_of(people.patient).code)
    row.refresh_from_db()
    assert row.settled_at is not None
    assert alert_of(people.patient).call_back_by == at
    assert CallBack.objects.count() == 1


def test_a_promise_in_a_note_is_kept_beside_an_alert_and_folds_into_it(people: Cast, send: Send) -> None:
    send(NUMB)
    row = promise(people, kind="note")
    call_backs.notice_due(row.due_at)
    assert "call_back_missed" in {sign.sign for sign in alert_of(people.patient).signs.all()}
    assert Alert.objects.count() == 1


def test_a_promise_is_kept_although_a_colleague_closed_the_alert_meanwhile(people: Cast, send: Send) -> None:
    send(NUMB)
    now, alert = timezone.now(), alert_of(people.patient)
    actions.resolve(staff=people.nurse2, code=alert.code, outcome="advised", note="x", now=now)
    actions.record_contact(
        staff=people.nurse, code=alert.code, level="contacted", note="ok", call_back_by=now + HOUR, now=now
    )
    assert CallBack.objects.get().due_at == now + HOUR


def test_a_log_does_not_close_it_and_does_not_make_the_patient_worse(people: Cast, send: Send) -> None:
    alert = late(people)
    send({})
    alert.refresh_from_db()
    assert alert.state == "open"
    assert [sign.resolved_at for sign in alert.signs.all()] == [None]


def test_closing_its_alert_settles_it(people: Cast, nurse: Client) -> None:
    alert = late(people)
    typed = {"outcome": "advised", "note": "Called, all well.", "worth": "useful"}
    assert nurse.post(action(alert, "resolve"), typed).status_code == 302
    assert CallBack.objects.get().settled_by == people.nurse
    assert Patient.all_clinics.get(pk=people.patient.pk).work_rank == 90


def test_closing_an_alert_does_not_settle_what_is_still_to_come(people: Cast, send: Send) -> None:
    send(NUMB)
    row = promise(people, kind="note")
    alert = alert_of(people.patient)
    actions.resolve(staff=people.nurse, code=alert.code, outcome="advised", note="x", now=timezone.now())
    assert Patient.all_clinics.get(pk=people.patient.pk).work_rank == 57
    assert call_backs.notice_due(row.due_at) == 1


def test_somebody_who_goes_to_the_hospital_is_still_owed_it(people: Cast) -> None:
    row, now = promise(people), timezone.now()
    stays.begin(staff=people.nurse, patient=people.patient, since=now, note="x", now=now)
    assert Patient.all_clinics.get(pk=people.patient.pk).work_rank == 55
    stays.end(staff=people.nurse, patient=people.patient, ended_at=now, note="x", now=now)
    assert Patient.all_clinics.get(pk=people.patient.pk).work_rank == 57
    assert call_backs.notice_due(row.due_at) == 1


def test_a_recovery_is_not_closed_away_over_a_promise(people: Cast, nurse: Client) -> None:
    promise(people)
    today = timezone.now().astimezone(ZoneInfo(people.clinic.timezone)).date()
    typed = {"close": "1", "closed_on": str(today), "sure": "on"}
    answer = nurse.post(f"/desk/patients/{people.patient.code}/record/", typed)
    assert answer.status_code == 422
    assert "A call-back is promised to this patient" in text(answer)
    people.procedure.refresh_from_db()
    assert people.procedure.closed_at is None


def test_without_a_recovery_on_the_list_no_promise_is_asked_for(people: Cast, nurse: Client) -> None:
    people.procedure.closed_at = timezone.now()
    people.procedure.save()
    assert "call_back_by" not in text(nurse.get(f"{chart(people.patient)}contact/"))


def test_the_operator_hears_when_nobody_notices(people: Cast) -> None:
    row = promise(people)
    [asked] = [one for one in EVERY_PROMISE if one.key == "call-backs-are-noticed"]
    assert asked.ask(row.due_at + timedelta(minutes=4)).is_kept
    assert [one.ref for one in asked.ask(row.due_at + timedelta(minutes=6)).offenders] == [str(row.pk)]
    call_backs.notice_due(row.due_at)
    assert asked.ask(row.due_at + timedelta(minutes=6)).is_kept
