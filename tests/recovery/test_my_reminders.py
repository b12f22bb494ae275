"""Patients and helpers say how notes come and when; later, done and in the hospital; push to their own phones."""

import json
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from alerts.messaging.outbox import enqueue
from alerts.models import Delivery
from alerts.monitoring.sweep import sweep
from patients.models import AccessEvent, Caregiver, ContactMethod, HospitalStay, Patient, Procedure, User
from patients.selectors.people import contactable
from recovery.care_plan import answers, refresh, sending
from recovery.journey import stays
from recovery.models import Reminder
from recovery.state.record import with_overrides
from tests.alerts.conftest import simulator  # noqa: F401 - a fixture
from tests.alerts.subscriber import Subscriber
from tests.alerts.test_push import VAPID
from tests.patients.pages import signed_in, text
from tests.people import Cast, make_patient
from tests.recovery.conftest import NUMB, Send
from tests.recovery.test_short_log_asks import noon
from tests.simulator import Simulator

PAGE = "/my/reminders/"
CHICAGO = ZoneInfo("America/Chicago")
ROSA = "+13125550177"


@pytest.fixture(autouse=True)
def ways(settings: Any) -> None:
    """Texts and push are set up; the second factor has tests of its own."""
    settings.STAFF_SECOND_FACTOR = False
    settings.SMS_BACKEND, settings.VAPID_PRIVATE_KEY = "alerts.messaging.channels.twilio.Twilio", VAPID


@pytest.fixture
def rosa(people: Cast) -> Patient:
    """The patient, with a phone and an e-mail."""
    Patient.all_clinics.filter(pk=people.patient.pk).update(phone=ROSA)
    return Patient.all_clinics.get(pk=people.patient.pk)


def press(who: Any, action: str, **typed: Any) -> Any:
    return signed_in(who).post(PAGE, {"action": action, **typed})


def owned(user: User | None, endpoint: str = "https://push.example.org/1") -> ContactMethod:
    """A browser of this person that shows push notes."""
    assert user
    browser = Subscriber(endpoint)
    return ContactMethod.objects.create(
        user=user,
        kind="push",
        address=f"push:{endpoint}",
        label="Chrome on Android",
        subscription=json.dumps({"endpoint": endpoint, **browser.keys}),
        verified_at=timezone.now(),
    )


def note(people: Cast, key: str = "log:x", milestone: str = "") -> list[tuple[str, str]]:
    """A note is due at noon; by which ways it went to whom."""
    Reminder.objects.create(procedure=people.procedure, key=key, milestone=milestone, due_at=noon())
    sending.send_due(noon())
    return sorted(Delivery.objects.values_list("recipient", "channel"))


# --- How notes come ---


@pytest.mark.parametrize(
    ("wish", "channels"),
    [([], ["sms"]), (["email"], ["email"]), (["email", "sms"], ["email", "sms"]), (["push"], ["sms"])],
)
def test_notes_come_as_the_patient_wants_where_that_works(
    people: Cast, rosa: Patient, wish: list[str], channels: list[str]
) -> None:
    Patient.all_clinics.filter(pk=rosa.pk).update(note_ways=wish)
    assert [channel for _, channel in note(people)] == channels


def test_notes_on_a_phone_go_to_each_browser_of_the_patient_alone(people: Cast, rosa: Patient) -> None:
    own, other = owned(rosa.user), owned(people.other_patient.user, "https://push.example.org/2")
    Patient.all_clinics.filter(pk=rosa.pk).update(note_ways=["push"])
    assert note(people) == [(f"patient:{rosa.pk}:{own.pk}", "push")]
    assert contactable(f"patient:{rosa.pk}:{own.pk}", "push").address
    assert contactable(f"patient:{rosa.pk}:{other.pk}", "push").why_not == "the device was removed"


def test_a_browser_gets_nothing_once_its_person_may_not(people: Cast, rosa: Patient) -> None:
    mine, hers = owned(rosa.user), owned(people.helper.user, "https://push.example.org/2")
    assert contactable(f"caregiver:{people.helper.pk}:{hers.pk}", "push").why_not == "no longer a helper"
    Caregiver.objects.filter(pk=people.helper.pk).update(may_be_alerted=True)
    assert contactable(f"caregiver:{people.helper.pk}:{hers.pk}", "push").address
    Caregiver.objects.filter(pk=people.helper.pk).update(removed_at=timezone.now())
    assert not contactable(f"caregiver:{people.helper.pk}:{hers.pk}", "push").address
    rosa.consents.update(withdrawn_at=timezone.now())
    assert contactable(f"patient:{rosa.pk}:{mine.pk}", "push").why_not == "consent withdrawn"


def test_a_helpers_wish_counts_for_notes_and_never_for_urgent_ones(
    people: Cast, rosa: Patient, send: Send
) -> None:
    helper = people.helper
    User.objects.filter(pk=helper.user_id).update(phone="+13125550178")
    Caregiver.objects.filter(pk=helper.pk).update(may_be_alerted=True, note_ways=["email"])
    Procedure.objects.filter(pk=people.procedure.pk).update(next_visit_at=noon() + timedelta(hours=1))
    assert (f"caregiver:{helper.pk}", "email") in note(people, "back:x")
    assert (f"caregiver:{helper.pk}", "sms") not in note(people, "back:y")
    send(NUMB)
    urgent = Delivery.objects.filter(message="helper_alert").values_list("channel", flat=True)
    assert set(urgent) == {"sms", "email"}


def test_a_chosen_way_is_stored_and_written_down(people: Cast, rosa: Patient) -> None:
    page = text(signed_in(rosa).get(PAGE))
    assert "A note says “please open”. It never says why." in page
    assert press(rosa, "ways", ways=["sms", "email"]).status_code == 302
    rosa.refresh_from_db()
    assert rosa.note_ways == ["email", "sms"]
    assert AccessEvent.objects.filter(patient=rosa, action="chose how notes come").count() == 1
    assert press(people.helper, "ways", ways=["email"]).status_code == 302
    assert Caregiver.objects.get(pk=people.helper.pk).note_ways == ["email"]


@pytest.mark.parametrize(
    ("action", "typed", "words"),
    [
        ("ways", {"ways": ["push"]}, "Add this phone first"),
        ("ways", {"ways": ["fax"]}, "Select a valid choice"),
        ("hours", {"ask_at": "18", "ask_again_at": "9"}, "Choose a later hour than the first"),
        ("hours", {"ask_at": "3"}, "Select a valid choice"),
        ("later", {"hours": "99"}, "That is too late for today."),
        ("later", {"hours": "x"}, "That is too late for today."),
        ("device_add", {"endpoint": "nonsense"}, "address that cannot be used"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(
    rosa: Patient, action: str, typed: dict[str, Any], words: str
) -> None:
    answer = press(rosa, action, **typed)
    assert answer.status_code == 422
    assert words in text(answer)


def test_an_unknown_button_does_nothing(rosa: Patient) -> None:
    assert press(rosa, "erase").status_code == 404


# --- When ---


def test_the_hours_are_the_patients_own(people: Cast, rosa: Patient) -> None:
    assert press(rosa, "hours", ask_at="9", ask_again_at="").status_code == 302
    rosa.refresh_from_db()
    assert rosa.log_hours == [9, 18]
    assert press(people.helper, "hours", ask_at="11").status_code == 422
    assert press(rosa, "hours").status_code == 302
    rosa.refresh_from_db()
    assert rosa.log_hours == []


def morning() -> datetime:
    """The next 9:30 at the clinic, at least an hour from now."""
    return noon() - timedelta(hours=2, minutes=30)


@pytest.fixture
def planned(people: Cast, rosa: Patient) -> datetime:
    """The notes of today are planned; it is 9:30."""
    now = morning()
    Procedure.objects.filter(pk=people.procedure.pk).update(ended_at=now - timedelta(days=3))
    Patient.all_clinics.filter(pk=rosa.pk).update(timezone="America/Chicago")
    refresh.refresh(with_overrides(rosa.procedures.all()).get(), now)
    return now


def waiting(now: datetime) -> list[int]:
    """At which hours of today a note to log waits."""
    rows = Reminder.objects.filter(state="pending", milestone="", due_at__lt=now + timedelta(hours=14))
    return sorted(row.due_at.astimezone(CHICAGO).hour for row in rows if not row.key.startswith("silence"))


def test_remind_me_later_is_a_row_and_the_earlier_reminder_waits_for_it(rosa: Patient, planned: datetime) -> None:
    assert waiting(planned) == [10, 18]
    assert rosa.user
    due = answers.later(patient=rosa, actor=rosa.user, hours=2, now=planned)
    assert due
    assert (due.hour, due.minute) == (11, 30)
    assert waiting(planned) == [11, 18]
    answers.later(patient=rosa, actor=rosa.user, hours=4, now=planned)
    assert waiting(planned) == [13, 18]
    refresh.refresh(with_overrides(rosa.procedures.all()).get(), planned + timedelta(minutes=5))
    assert waiting(planned) == [13, 18]
    sending.send_due(planned + timedelta(hours=4, minutes=1))
    assert Delivery.objects.get().message == "patient_reminder"


@pytest.mark.parametrize(("hours", "later"), [(3, True), (12, False), (0, True), (-1, False)])
def test_later_is_within_the_day_and_never_at_night(
    rosa: Patient, planned: datetime, hours: int, later: bool
) -> None:
    """Choices are 1, 2 and 4 hours: any other number, and any time in the quiet hours, is refused."""
    assert rosa.user
    late = planned.replace(hour=planned.hour) + timedelta(hours=11)  # 20:30
    assert answers.later(patient=rosa, actor=rosa.user, hours=1, now=late) is None
    assert answers.later(patient=rosa, actor=rosa.user, hours=hours, now=planned) is None


def test_i_already_did_stops_todays_nagging_and_hides_nobody(
    people: Cast, rosa: Patient, planned: datetime
) -> None:
    assert rosa.user
    assert answers.already_did(patient=rosa, actor=rosa.user, now=planned)
    refresh.refresh(with_overrides(rosa.procedures.all()).get(), planned + timedelta(minutes=5))
    assert waiting(planned) == []
    tomorrow = Reminder.objects.filter(state="pending", key__startswith="log:")
    assert tomorrow.exists()
    assert press(people.helper, "done").status_code == 422


def test_the_page_says_what_was_asked_for_and_a_helper_reads_nothing_of_it(people: Cast, rosa: Patient) -> None:
    assert press(rosa, "done").status_code == 302
    assert "I already did" in text(signed_in(rosa).get(PAGE))
    page = text(signed_in(people.helper).get(PAGE))
    assert "I already did" not in page
    assert "Rosa is in the hospital" in page


# --- In the hospital ---


def test_the_patient_says_it_and_the_list_asks_to_confirm(people: Cast, rosa: Patient) -> None:
    assert press(rosa, "hospital").status_code == 302
    stay = HospitalStay.objects.get()
    assert (stay.said_by, stay.noted_by, stay.checked_by) == (rosa.user, None, None)
    desk = signed_in(people.nurse)
    rows = [row for group in desk.get("/desk/").context["groups"] for row in group.rows]
    why = next(row.why for row in rows if row.name.startswith("Rosa"))
    assert "as the patient or a helper says. Please call and confirm" in why
    assert "said on the phone" in text(desk.get(f"/desk/patients/{rosa.code}/hospital/"))
    stays.confirm(staff=people.nurse, patient=rosa, now=timezone.now())
    rows = [row for group in desk.get("/desk/").context["groups"] for row in group.rows]
    assert "Please call" not in next(row.why for row in rows if row.name.startswith("Rosa"))


def test_twice_is_once_and_home_again_ends_it(people: Cast, rosa: Patient) -> None:
    for _ in range(2):
        assert press(people.helper, "hospital").status_code == 302
    assert HospitalStay.objects.count() == 1
    assert "Rosa is home again" in text(signed_in(people.helper).get(PAGE))
    assert "I am home again" in text(signed_in(rosa).get(PAGE))
    for _ in range(2):
        assert press(rosa, "home").status_code == 302
    stay = HospitalStay.objects.get()
    assert (stay.end_said_by, stay.ended_by) == (rosa.user, None)
    assert stay.ended_at


def test_a_helper_who_may_not_log_cannot_say_it(people: Cast, rosa: Patient) -> None:
    Caregiver.objects.filter(pk=people.helper.pk).update(may_log=False)
    assert press(people.helper, "hospital").status_code == 422
    assert not HospitalStay.objects.exists()


# --- The phone itself ---


def test_a_phone_is_added_tested_and_removed_and_says_nothing_about_health(
    people: Cast,
    rosa: Patient,
    simulator: Simulator,  # noqa: F811
    settings: Any,
) -> None:
    settings.OUTBOUND_LOOPBACK = True
    browser = Subscriber(f"{simulator.url}/push/phone")
    given = {"endpoint": browser.endpoint, **browser.keys, "label": "Chrome on Android"}
    assert press(rosa, "device_add", **given).status_code == 302
    rosa.refresh_from_db()
    assert rosa.note_ways == ["push"]
    device = ContactMethod.objects.get(kind="push")
    for _ in range(2):
        assert press(rosa, "device_test", device=device.pk).status_code == 302
    enqueue(
        key="note:1:x",
        channel="push",
        recipient=f"patient:{rosa.pk}:{device.pk}",
        message="patient_reminder",
        context={"ttl": 3600},
        now=timezone.now(),
        send_by=timezone.now() + timedelta(hours=1),
    )
    sweep()
    notes = [browser.note(line) for line in simulator.lines("push")]
    assert sorted((one["title"], one["body"], one["url"]) for one in notes) == [
        ("A test from your care team", "Please open.", "/my/reminders/"),
        ("You have a note from your care team", "Please open.", "/today/"),
    ]
    assert press(people.helper, "device_test", device=device.pk).status_code == 422
    press(people.helper, "device_remove", device=device.pk)
    assert ContactMethod.objects.filter(kind="push").exists()
    press(rosa, "device_remove", device=device.pk)
    assert not ContactMethod.objects.filter(kind="push").exists()


def test_a_note_to_a_phone_that_is_gone_comes_by_text(
    people: Cast,
    rosa: Patient,
    simulator: Simulator,  # noqa: F811
    settings: Any,
) -> None:
    settings.OUTBOUND_LOOPBACK = True
    device = owned(rosa.user, "http://127.0.0.1:9/gone")
    Patient.all_clinics.filter(pk=rosa.pk).update(note_ways=["push"])
    note(people)
    device.delete()
    row = Delivery.objects.get()
    Delivery.objects.filter(pk=row.pk).update(
        created_at=timezone.now(), due_at=timezone.now(), send_by=timezone.now() + timedelta(hours=1)
    )
    sweep()
    sweep()
    assert [line["to"] for line in simulator.lines("sms")] == [ROSA]


def test_the_worker_of_a_phone_is_that_of_the_desk(people: Cast) -> None:
    answer = signed_in(people.patient).get("/my/reminders/push/worker.js")
    assert answer["Content-Type"].startswith("text/javascript")
    assert "showNotification" in answer.content.decode()


def test_a_phone_of_two_shows_the_notes_of_who_added_it_last(
    people: Cast,
    rosa: Patient,
    simulator: Simulator,  # noqa: F811
    settings: Any,
) -> None:
    settings.OUTBOUND_LOOPBACK = True
    paul = make_patient(people.clinic, "Paul")
    browser = Subscriber(f"{simulator.url}/push/phone")
    for who in (rosa, paul):
        press(who, "device_add", endpoint=browser.endpoint, **browser.keys, label="Chrome")
    assert ContactMethod.objects.get(kind="push").user == paul.user
    assert [channel for _, channel in note(people)] == ["sms"]
