"""The days of the plan are set in place on the chart: with who, when and why, kept when refused, never unread."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from patients.models import AccessEvent, Patient, Procedure, Staff
from recovery.journey.plan_dates import WHY
from recovery.models import PatientContact
from tests.attacks.at_once import at_once
from tests.patients.pages import signed_in, strangers, text
from tests.people import Cast
from tests.recovery.desk import chart

TODAY = timezone.localdate
WHEN = {"brace": "brace_until", "therapy": "pt_start_on", "thinner": "thinner_restart_on"}


@pytest.fixture(autouse=True)
def one_factor(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False


@pytest.fixture
def nurse(people: Cast) -> Client:
    Procedure.objects.filter(pk=people.procedure.pk).update(blood_thinner_held=True)
    return signed_in(people.nurse)


def in_days(days: int) -> str:
    return (TODAY() + timedelta(days=days)).isoformat()


def seen(client: Client, patient: Patient) -> str:
    dates = client.get(chart(patient)).context["plan_dates"]
    return str(dates[0].seen)


def send(client: Client, people: Cast, key: str, **typed: str) -> Any:
    page = f"{chart(people.patient)}plan/{key}/"
    return client.post(page, {"reason": "Dr. Shah, by phone", **typed})


def stored(people: Cast) -> Procedure:
    return Procedure.objects.get(pk=people.procedure.pk)


CHANGES = [
    ("thinner", {"thinner_restart_on": in_days(3)}, "start again"),
    ("brace", {"brace_prescribed": "on", "brace_until": in_days(9)}, "until"),
    ("brace", {"brace_prescribed": "on"}, "on, without an end"),
    ("therapy", {"pt_ordered": "on", "pt_start_on": in_days(9)}, "starts"),
    ("visit", {"next_visit_at": f"{in_days(9)}T14:00", "next_visit_with": "Dr. Cole"}, "with Dr. Cole"),
]


@pytest.mark.parametrize(("key", "typed", "words"), CHANGES)
def test_a_day_of_the_plan_is_set_on_the_chart_with_who_when_and_why(
    people: Cast, nurse: Client, key: str, typed: dict[str, str], words: str
) -> None:
    answer = send(nurse, people, key, **typed)
    assert answer.headers["Location"] == chart(people.patient)
    note = PatientContact.objects.get()
    assert (note.about, note.kind, note.staff) == (key, "note", people.nurse)
    assert note.note.endswith(f"{WHY}Dr. Shah, by phone")
    [shown] = [one for one in nurse.get(chart(people.patient)).context["plan_dates"] if one.key == key]
    assert words in shown.words
    assert (shown.by, shown.why) == (people.nurse.name, "Dr. Shah, by phone")
    assert AccessEvent.objects.filter(action="changed the record", actor=people.nurse.user).exists()
    assert Patient.all_clinics.filter(pk=people.patient.pk, plan_due_at__lte=timezone.now()).exists()


def test_the_restart_is_set_at_that_moment_as_on_the_record(people: Cast, nurse: Client) -> None:
    send(nurse, people, "thinner", thinner_restart_on=in_days(3))
    first = stored(people).thinner_restart_set_at
    assert first
    assert send(nurse, people, "thinner", thinner_restart_on=in_days(3)).status_code == 422
    assert send(nurse, people, "thinner", thinner_restart_on=in_days(3), restart_again="on").status_code == 302
    again = stored(people).thinner_restart_set_at
    assert again
    assert again > first


def test_turning_the_brace_off_takes_its_day_away(people: Cast, nurse: Client) -> None:
    send(nurse, people, "brace", brace_prescribed="on", brace_until=in_days(9))
    assert send(nurse, people, "brace", brace_until=in_days(9)).status_code == 302
    assert (stored(people).brace_prescribed, stored(people).brace_until) == (False, None)


WRONG = [
    ("thinner", {"thinner_restart_on": "2001-02-03"}, "before the procedure"),
    ("thinner", {"thinner_restart_on": in_days(60)}, "Is that right?"),
    ("brace", {"brace_until": in_days(9)}, "tick this too"),
    ("brace", {"brace_prescribed": "on", "brace_until": "soon"}, "Enter a valid date"),
    ("therapy", {}, "Nothing is changed yet"),
    ("visit", {"next_visit_at": f"{in_days(400)}T14:00"}, "Is that right?"),
    ("visit", {"next_visit_with": "Dr. Cole"}, "Enter when the visit is"),
    ("visit", {"next_visit_at": f"{in_days(2)}T14:00", "reason": ""}, "Say why"),
]


@pytest.mark.parametrize(("key", "typed", "said"), WRONG)
def test_what_is_refused_keeps_what_was_typed_and_stores_nothing(
    people: Cast, nurse: Client, key: str, typed: dict[str, str], said: str
) -> None:
    before = Procedure.objects.filter(pk=people.procedure.pk).values().get()
    answer = send(nurse, people, key, **typed)
    assert answer.status_code == 422
    assert said in text(answer)
    for value in [*typed.values(), typed.get("reason", "Dr. Shah, by phone")]:
        assert value in ("", "on") or f'value="{value}"' in text(answer)
    assert Procedure.objects.filter(pk=people.procedure.pk).values().get() == before
    assert not PatientContact.objects.exists()


def test_a_manager_sets_no_day_to_start_a_medicine_again(people: Cast, nurse: Client) -> None:
    manager = signed_in(people.manager)
    assert send(manager, people, "thinner", thinner_restart_on=in_days(3)).status_code == 422
    assert stored(people).thinner_restart_on is None
    assert not PatientContact.objects.exists()
    [thinner] = [one for one in manager.get(chart(people.patient)).context["plan_dates"] if one.key == "thinner"]
    assert thinner.form is None
    assert send(manager, people, "visit", next_visit_at=f"{in_days(9)}T14:00").status_code == 302


def test_what_a_colleague_has_set_meanwhile_is_not_overwritten_unread(people: Cast, nurse: Client) -> None:
    knew = seen(nurse, people.patient)
    send(signed_in(people.physician), people, "brace", brace_prescribed="on", seen=knew)
    # Another field of the record is no obstacle.
    assert send(nurse, people, "visit", next_visit_at=f"{in_days(9)}T14:00", seen=knew).status_code == 302
    answer = send(nurse, people, "brace", brace_prescribed="on", brace_until=in_days(9), seen=knew)
    assert answer.status_code == 422
    assert people.physician.name in text(answer)
    assert stored(people).brace_until is None
    seen_now = str(answer.context["seen"])
    assert (
        send(nurse, people, "brace", brace_prescribed="on", brace_until=in_days(9), seen=seen_now).status_code
        == 302
    )


@pytest.mark.django_db(transaction=True)
def test_of_two_who_set_one_day_at_once_the_second_is_told(people: Cast, nurse: Client) -> None:
    def one(who: Staff, days: int) -> Any:
        typed = {"brace_prescribed": "on", "brace_until": in_days(days), "seen": "0"}
        return send(signed_in(who), people, "brace", **typed)

    both = at_once(partial(one, people.nurse, 5), partial(one, people.physician, 9))
    assert sorted(answer.status_code for answer in both) == [302, 422]
    assert PatientContact.objects.count() == 1


def test_no_restart_without_a_thinner_on_hold_and_nothing_without_a_recovery(people: Cast, nurse: Client) -> None:
    Procedure.objects.filter(pk=people.procedure.pk).update(blood_thinner_held=False)
    assert "no such day" in text(nurse.get(f"{chart(people.patient)}plan/thinner/", follow=True))
    assert nurse.get(f"{chart(people.patient)}plan/lunch/").status_code == 404
    Procedure.objects.filter(pk=people.procedure.pk).update(closed_at=timezone.now())
    send(nurse, people, "brace", brace_prescribed="on")
    assert not stored(people).brace_prescribed


def test_another_clinics_staff_find_no_such_page(people: Cast) -> None:
    for stranger in strangers(people):
        assert send(stranger, people, "brace", brace_prescribed="on").status_code == 404
    assert not stored(people).brace_prescribed
