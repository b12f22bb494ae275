"""One press is one answer, however often it arrives; and nobody writes on past what happened meanwhile."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from alerts.models import Alert, AlertEvent, HandOverNote
from recovery.journey import actions
from tests.patients.pages import signed_in, text
from tests.people import Cast
from tests.recovery.conftest import BREATHLESS, NUMB, Send
from tests.recovery.desk import action, alert_of, chart

SPOKE = {"level": "contacted", "note": "Rest, call at noon."}
CLOSED = {"outcome": "advised", "note": "Better.", "worth": "useful"}


@pytest.fixture(autouse=True)
def one_factor(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False


@pytest.fixture
def alert(people: Cast, send: Send) -> Alert:
    send(NUMB)
    return alert_of(people.patient)


@pytest.fixture
def nurse(people: Cast) -> Client:
    return signed_in(people.nurse)


def opened(client: Client, address: str) -> dict[str, str]:
    """What the form on a page carries unseen."""
    page = text(client.get(address))
    return {name: re.findall(rf'name="{name}" value="([^"]*)"', page)[0] for name in ("once", "seen")}


def events(alert: Alert, what: str) -> int:
    return AlertEvent.objects.filter(alert=alert, what=what).count()


@pytest.mark.slow
def test_a_call_without_an_answer_pressed_twice_is_one_call(alert: Alert, nurse: Client) -> None:
    nurse.post(action(alert, "acknowledge"))
    form = opened(nurse, action(alert, "contact")) | {"level": "not_reached", "note": ""}
    answers = [nurse.post(action(alert, "contact"), form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    alert.refresh_from_db()
    assert (alert.tries, alert.state) == (1, "acked")  # two calls would have told the physician
    nurse.post(action(alert, "contact"), opened(nurse, action(alert, "contact")) | {"level": "not_reached"})
    alert.refresh_from_db()
    assert (alert.tries, alert.state) == (2, "open")


@pytest.mark.parametrize(
    ("name", "typed", "what"),
    [
        ("contact", SPOKE, "contacted"),
        ("resolve", CLOSED, "resolved"),
        ("hand-over", {"note": "x"}, "handed_over"),
    ],
)
def test_every_form_pressed_twice_counts_once(
    people: Cast, alert: Alert, nurse: Client, name: str, typed: dict[str, str], what: str
) -> None:
    nurse.post(action(alert, "acknowledge"))
    to = {"to_staff": str(people.nurse2.pk)} if name == "hand-over" else {}
    form = opened(nurse, action(alert, name)) | typed | to
    assert [nurse.post(action(alert, name), form).status_code for _ in range(2)] == [302, 302]
    assert events(alert, what) == 1


def test_a_watch_item_pressed_twice_is_put_off_once(people: Cast, send: Send, nurse: Client) -> None:
    send({"back_stiff": "new_or_worse"})
    alert = alert_of(people.patient)
    form = opened(nurse, action(alert, "snooze")) | {"days": "2", "reason": "Sees Dr. Cole."}
    assert [nurse.post(action(alert, "snooze"), form).status_code for _ in range(2)] == [302, 302]
    assert events(alert, "snoozed") == 1


def test_other_words_from_the_same_form_are_a_second_note(alert: Alert, nurse: Client) -> None:
    form = opened(nurse, action(alert, "contact")) | SPOKE
    nurse.post(action(alert, "contact"), form)
    nurse.post(action(alert, "contact"), form | {"note": "And ice."})  # back, changed, pressed
    assert events(alert, "contacted") == 2


def test_who_writes_while_a_colleague_writes_is_told_first(people: Cast, alert: Alert, nurse: Client) -> None:
    form = opened(nurse, chart(people.patient)) | SPOKE
    actions.record_contact(
        staff=people.nurse2,
        code=alert.code,
        level="evaluated",
        note="Legs checked.",
        call_back_by=None,
        now=timezone.now(),
    )
    answer = nurse.post(action(alert, "contact"), form)
    assert answer.status_code == 422
    page = text(answer)
    assert "Examined in person by Niles Staff" in page
    assert "Legs checked." in page
    assert SPOKE["note"] in page
    assert "press again" in page
    again = {"once": form["once"], "seen": re.findall(r'name="seen" value="(\d+)"', page)[0]} | SPOKE
    assert nurse.post(action(alert, "contact"), again).status_code == 302
    assert (events(alert, "evaluated"), events(alert, "contacted")) == (1, 1)


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("contact", SPOKE),
        ("contact", {**SPOKE, "call_back_by": ""}),
        ("contact", {"level": "not_reached", "note": ""}),
        ("resolve", {**CLOSED, "outcome": "seen_in_clinic", "worth_note": "Good to know."}),
        ("hand-over", {"note": "Call her daughter."}),
    ],
)
def test_the_page_that_says_what_happened_meanwhile_is_sent_as_it_stands(
    people: Cast, alert: Alert, nurse: Client, name: str, typed: dict[str, str]
) -> None:
    nurse.post(action(alert, "acknowledge"))
    to = {"to_staff": str(people.physician.pk)} if name == "hand-over" else {}
    form = opened(nurse, action(alert, name)) | typed | to
    actions.record_contact(
        staff=people.nurse2,
        code=alert.code,
        level="evaluated",
        note="Legs checked.",
        call_back_by=None,
        now=timezone.now(),
    )
    answer = nurse.post(action(alert, name), form)
    assert "press again" in text(answer)
    bound = answer.context["form"]
    shown = {field.html_name: field.value() or "" for field in bound}
    assert {name: shown[name] for name in form if name != "seen"} == {
        name: words for name, words in form.items() if name != "seen"
    }
    assert nurse.post(action(alert, name), shown).status_code == 302


def test_an_alert_that_became_worse_is_not_closed_by_a_form_from_before(
    people: Cast, alert: Alert, nurse: Client, send: Send
) -> None:
    nurse.post(action(alert, "acknowledge"))
    form = opened(nurse, chart(people.patient)) | CLOSED
    send(BREATHLESS)
    answer = nurse.post(action(alert, "resolve"), form)
    assert answer.status_code == 422
    assert "While this form was open: More urgent now" in text(answer)
    alert.refresh_from_db()
    assert (alert.state, alert.tier) == ("open", "call_911")


def test_a_hand_over_of_an_alert_closed_by_a_colleague_says_who_and_keeps_the_note(
    people: Cast, alert: Alert, nurse: Client
) -> None:
    """A contact is kept all the same: tests/recovery/test_patient_contacts.py."""
    nurse.post(action(alert, "acknowledge"))
    form = opened(nurse, action(alert, "hand-over")) | {"to_staff": people.nurse2.pk, "note": "Her leg."}
    signed_in(people.nurse2).post(action(alert, "resolve"), CLOSED)
    for _ in range(2):
        page = text(nurse.post(action(alert, "hand-over"), form))
        assert "Closed by Niles Staff" in page
        assert "Her leg." in page


@pytest.mark.parametrize("name", ["contact", "resolve", "hand-over"])
def test_no_empty_form_is_shown_for_an_alert_that_is_closed(
    people: Cast, alert: Alert, nurse: Client, name: str
) -> None:
    signed_in(people.nurse2).post(action(alert, "resolve"), CLOSED)
    answer = nurse.get(action(alert, name), follow=True)
    assert answer.redirect_chain == [(chart(people.patient), 302)]
    assert "Niles Staff closed this alert: " in text(answer)


def test_her_own_time_that_ran_out_is_no_news(people: Cast, alert: Alert, nurse: Client) -> None:
    nurse.post(action(alert, "acknowledge"))
    form = opened(nurse, action(alert, "contact")) | SPOKE
    AlertEvent.objects.create(alert=alert, at=timezone.now(), what="ack_expired")
    assert nurse.post(action(alert, "contact"), form).status_code == 302


def test_the_hand_over_of_a_shift_pressed_twice_is_one_note(people: Cast, nurse: Client) -> None:
    form = {"to": str(people.nurse2.pk), "text": "Quiet night."}
    answers = [nurse.post("/desk/oncall/hand-over/", form).status_code for _ in range(2)]
    assert answers == [302, 302]
    assert HandOverNote.objects.count() == 1
    nurse.post("/desk/oncall/hand-over/", {**form, "text": "Quiet night. Two to call."})
    assert HandOverNote.objects.count() == 2
