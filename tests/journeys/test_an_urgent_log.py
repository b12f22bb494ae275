"""From a thumb to a nurse, by fast-forwarding: who is told when, and what each answer changes."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.core import mail

from alerts import lifecycle
from alerts.models import Alert, OnCallShift
from alerts.monitoring.sweep import sweep
from patients.models import Patient, Procedure
from recovery.journey import actions
from tests.people import Cast, cast
from tests.recovery.conftest import BREATHLESS, NUMB, Send

START = datetime(2026, 11, 12, 15, 0, tzinfo=UTC)


@pytest.fixture
def people(db: None) -> Cast:
    """A clinic with a policy, one nurse on call, and a patient two days after the procedure."""
    found = cast()
    lifecycle.create_default_policies(found.clinic)
    OnCallShift.objects.create(
        clinic=found.clinic, staff=found.nurse, starts_at=START, ends_at=START + timedelta(hours=12)
    )
    Procedure.objects.filter(pk=found.procedure.pk).update(ended_at=START - timedelta(days=2))
    found.procedure.refresh_from_db()
    return found


def told(people: Cast, minutes: float, since: float = 0) -> set[str]:
    """Run the clock on from `since` to some minutes after the start; the first names of who was told by then."""
    for second in range(int(since * 60), int(minutes * 60) + 1, 15):
        sweep(START + timedelta(seconds=second))
    names = {
        s.user.email: s.user.first_name for s in (people.nurse, people.nurse2, people.physician, people.manager)
    }
    return {names[address] for message in mail.outbox for address in message.to if address in names}


def test_911_goes_from_the_nurse_on_call_to_all_nurses_to_the_physician(people: Cast, send: Send) -> None:
    send(BREATHLESS, now=START)
    assert told(people, 1) == {"Nora"}
    assert told(people, 4, since=1) == {"Nora", "Niles"}
    assert told(people, 7, since=4) == {"Nora", "Niles", "Priya"}


def test_doctor_now_waits_longer_between_steps(people: Cast, send: Send) -> None:
    send(NUMB, now=START)
    assert told(people, 9) == {"Nora"}
    assert told(people, 11, since=9) == {"Nora", "Niles"}


@pytest.mark.slow
def test_nobody_answers_and_it_goes_on_for_ever(people: Cast, send: Send) -> None:
    send(BREATHLESS, now=START)
    told(people, 30)
    before = len(mail.outbox)
    told(people, 60, since=30)
    assert len(mail.outbox) > before


def test_messages_say_please_open_and_never_why(people: Cast, send: Send) -> None:
    send(BREATHLESS, now=START)
    told(people, 12)
    words = " ".join(f"{message.subject} {message.body}" for message in mail.outbox).lower()
    assert "please open" in words
    for secret in ("rosa", "recovers", "breath", "911", "chest", "emergency"):
        assert secret not in words


def test_the_first_to_take_it_stops_the_rest_and_the_second_is_told_who(people: Cast, send: Send) -> None:
    code = _open(send)
    told(people, 1)
    first = actions.acknowledge(staff=people.nurse, code=code, now=START + timedelta(minutes=2))
    second = actions.acknowledge(staff=people.nurse2, code=code, now=START + timedelta(minutes=2))
    assert (first.won, second.won) == (True, False)
    assert "Nora" in second.by_name
    assert told(people, 9, since=2) == {"Nora"}


def test_taking_it_and_then_doing_nothing_starts_it_again(people: Cast, send: Send) -> None:
    code = _open(send)
    actions.acknowledge(staff=people.nurse, code=code, now=START + timedelta(minutes=1))
    assert told(people, 16, since=1) >= {"Nora", "Niles"}
    assert Alert.objects.get().reopened == 1


@pytest.mark.slow
def test_contact_then_outcome_ends_it(people: Cast, send: Send) -> None:
    code = _open(send)
    now = START + timedelta(minutes=2)
    actions.record_contact(
        staff=people.nurse, code=code, level="contacted", note="Ambulance is there.", call_back_by=None, now=now
    )
    assert told(people, 60, since=2) == set()
    actions.resolve(staff=people.nurse, code=code, outcome="sent_to_er", note="Admitted.", now=now)
    assert Patient.all_clinics.get(pk=people.patient.pk).work_rank == 90
    assert [event.what for event in Alert.objects.get().events.order_by("id")][-1] == "resolved"


def test_a_stranger_finds_no_such_alert(people: Cast, send: Send) -> None:
    code = _open(send)
    with pytest.raises(actions.NotYours):
        actions.acknowledge(staff=people.other_nurse, code=code, now=START)


def _open(send: Send) -> UUID:
    """The code of a fresh 911 alert."""
    sent = send(BREATHLESS, now=START)
    assert sent.assessment
    assert sent.assessment.alert
    return sent.assessment.alert.code
