"""docs/states.md: offers of shifts, contact methods and texts from outside, row by row."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from alerts import lifecycle
from alerts.lifecycle import AlertError
from alerts.models import Alert, OnCallShift, ShiftSwap, SmsReply
from alerts.oncall import swaps
from alerts.oncall.gaps import Span
from alerts.oncall.shifts import change_shift, remove_shift, version_of
from patients.models import ContactMethod, Patient, Staff
from tests.alerts.steps import CHEST, raise_for, shift
from tests.alerts.test_sms_replies import NILES, NORA, texts, wrong_code
from tests.people import Cast, make_mobile, make_staff
from tests.states import by_act, table, undone

OFFERS = by_act("An offer of a shift: every act in every state")
CONTACTS = table("A contact method of staff")
TEXTS = table("A text message from outside")
What = SmsReply.What
OFFER_STATES = {"offered": "offered", "accepted": "accepted", "declined": "declined", "taken back": "withdrawn"}
Act = Callable[[Cast, ShiftSwap, OnCallShift, datetime], object]


def third(people: Cast) -> Staff:
    return make_staff(people.clinic)


def moved(people: Cast, swap: ShiftSwap, row: OnCallShift, now: datetime) -> object:
    span = Span(row.starts_at, row.ends_at + timedelta(hours=1))
    return change_shift(by=people.manager, shift=row, person=row.staff, span=span, seen=version_of(row), now=now)


OFFER_ACTS: dict[str, Act] = {
    "the colleague accepts": lambda p, swap, row, now: swaps.accept(swap_pk=swap.pk, staff=p.nurse2, now=now),
    "the colleague declines": lambda p, swap, row, now: swaps.decline(swap_pk=swap.pk, staff=p.nurse2, now=now),
    "somebody else accepts": lambda p, swap, row, now: swaps.accept(swap_pk=swap.pk, staff=third(p), now=now),
    "the owner takes it back": lambda p, swap, row, now: swaps.take_back(shift=row, staff=p.nurse, now=now),
    "a manager changes the shift": moved,
    "a manager removes the shift": lambda p, swap, row, now: remove_shift(
        by=p.manager, shift=row, seen=version_of(row), now=now
    ),
    "the shift is over and the colleague accepts": lambda p, swap, row, now: swaps.accept(
        swap_pk=swap.pk, staff=p.nurse2, now=row.ends_at
    ),
}


def offered(people: Cast, state: str, now: datetime) -> tuple[ShiftSwap, OnCallShift]:
    row = shift(people.nurse, now + timedelta(hours=2), 8)
    swap = swaps.offer(shift=row, by=people.nurse, to_staff=people.nurse2, now=now)
    ShiftSwap.objects.filter(pk=swap.pk).update(
        state=OFFER_STATES[state], answered_at=None if state == "offered" else now
    )
    return swap, row


@pytest.mark.parametrize("act", sorted(OFFER_ACTS))
def test_an_offer_does_what_the_table_says(people: Cast, now: datetime, act: str) -> None:
    found = {}
    for state in OFFER_STATES:
        with undone():
            swap, row = offered(people, state, now)
            try:
                OFFER_ACTS[act](people, swap, row, now)
                said = ""
            except AlertError:
                said = "refused"
            now_in = {code: word for word, code in OFFER_STATES.items()}[ShiftSwap.objects.get(pk=swap.pk).state]
            assert not said or now_in == state
            theirs = OnCallShift.objects.filter(pk=row.pk, staff=people.nurse2).exists()
            assert theirs == (act == "the colleague accepts" and state == "offered")
            found[state] = said or now_in
    assert found == OFFERS[act]


def test_every_act_on_an_offer_has_its_row() -> None:
    assert set(OFFERS) == set(OFFER_ACTS)


@pytest.mark.parametrize("number", range(len(CONTACTS)))
def test_a_contact_method_is_used_and_shown_as_the_row_says(now: datetime, number: int) -> None:
    """A dash in the table is both."""
    row = CONTACTS[number]
    both = {"yes": (now,), "no": (None,), "-": (now, None)}
    failed = {"could not arrive": (now,), "arrived, or none yet": (None,), "-": (now, None)}
    shown = {
        "not verified yet": "not verified yet",
        "turned off": "turned off",
        "stopped; the managers were told": "stopped by a STOP from this phone",
        "failed, with the reason, until one arrives": "the last message failed (busy)",
        "on": "",
    }
    for verified in both[row["verified"]]:
        for off in both[row["off"]]:
            for stop in both[row["STOP"]]:
                for last in failed[row["last message"]]:
                    fields = {"verified_at": verified, "disabled_at": off, "opted_out_at": stop}
                    method = ContactMethod(kind="sms", last_failed_at=last, last_error="busy", **fields)
                    assert method.is_usable == (row["used"] == "yes")
                    assert method.state_words == shown[row["shown as"]]


def used_up(number: str, alert: Alert, now: datetime) -> None:
    for _ in range(5):
        texts(number, wrong_code(alert), now)


def send(people: Cast, row: dict[str, str], alert: Alert, now: datetime) -> tuple[str, str]:
    """Do what the first two columns say; what was made of it, and the answer."""
    who, words = row["from"], row["words"]
    number = NORA if who in ("verified mobile of staff", "the same") else "+13125559999"
    if who == "a patient or helper":
        Patient.all_clinics.filter(pk=people.patient.pk).update(phone=number)
    said = {"another code": wrong_code(alert), "no code": "who is this?", "a sentence": "It itches"}.get(
        words, alert.ack_code
    )
    if words == "code of a taken or closed alert":
        lifecycle.acknowledge(alert_code=alert.code, staff=people.nurse2, now=now)
    if words == "after 5 tries in 15 minutes":
        used_up(number, alert, now)
    if words == "STOP, START":
        texts(NORA, "STOP", now)
        return What.STOP, texts(NORA, "START", now)
    answer = texts(number, said, now, "SMX")
    return SmsReply.objects.get(provider_id="SMX").what, answer


@pytest.mark.parametrize("number", range(len(TEXTS)))
def test_a_text_from_outside_does_what_the_row_says(people: Cast, now: datetime, number: int) -> None:
    row = TEXTS[number]
    for person, mobile in ((people.nurse, NORA), (people.nurse2, NILES)):
        make_mobile(person, mobile)
    alert = raise_for(people.patient, CHEST, now=now)
    give_code(alert)
    what, answer = send(people, row, alert, now)
    expected, begins = {
        "code of an open alert of the clinic": (What.TAKEN, "You have it"),
        "code of a taken or closed alert": (What.TOO_LATE, "Niles"),
        "another code": (What.WRONG, "Nobody waits"),
        "no code": (What.UNCLEAR, "Nothing is taken yet"),
        "after 5 tries in 15 minutes": (What.IGNORED, ""),
        # the alert about the chest is still open (RL-02)
        "a sentence": (What.WORDS, "Call your clinic now"),
        "anything": (What.STRANGER, "Nobody reads texts"),
        "STOP, START": (What.STOP, "You get messages by text again"),
    }[row["words"]]
    assert (what, answer[: len(begins)], bool(answer)) == (expected, begins, bool(begins))
    taken = Alert.objects.get(pk=alert.pk)
    mine = taken.acked_by_id == people.nurse.pk
    assert mine == (row["what happens"] == "taken in her name")
    assert ("one try" in row["what happens"]) == (what == What.WRONG)


def give_code(alert: Alert) -> None:
    """The code that her messages carry."""
    Alert.objects.filter(pk=alert.pk).update(ack_code="482913")
    alert.refresh_from_db()
