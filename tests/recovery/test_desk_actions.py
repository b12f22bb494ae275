"""What staff do about an alert, from the page: each answer is kept, and the second person is told."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from alerts.models import Alert, AlertEvent, Delivery
from patients.models import AccessEvent
from tests.alerts.test_staffing import break_contacts
from tests.patients.pages import signed_in, strangers, text
from tests.people import Cast
from tests.recovery.conftest import BREATHLESS, NUMB, Send
from tests.recovery.desk import action, alert_of, chart

CLOSED = {"outcome": "advised", "note": "x", "worth": "useful"}


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


def fresh(alert: Alert) -> Alert:
    return Alert.objects.get(pk=alert.pk)


def told(answer: Any) -> str:
    """What the page says after the click."""
    return " ".join(str(message) for message in answer.context["messages"])


def test_one_click_takes_an_alert_and_says_until_when(people: Cast, alert: Alert, nurse: Client) -> None:
    answer = nurse.post(action(alert, "acknowledge"), follow=True)
    assert "You have Rosa Recovers’s alert. Write down the contact by" in told(answer)
    assert (fresh(alert).state, fresh(alert).acked_by) == ("acked", people.nurse)


def test_the_second_person_is_told_who_was_faster_and_when(people: Cast, alert: Alert, nurse: Client) -> None:
    nurse.post(action(alert, "acknowledge"))
    answer = signed_in(people.nurse2).post(action(alert, "acknowledge"), follow=True)
    assert "Nora Staff was faster and has had this alert since" in told(answer)
    assert fresh(alert).acked_by == people.nurse


def test_who_clicks_a_closed_alert_is_told_who_closed_it(people: Cast, alert: Alert, nurse: Client) -> None:
    nurse.post(action(alert, "resolve"), {**CLOSED, "note": "All well."})
    answer = signed_in(people.nurse2).post(action(alert, "acknowledge"), follow=True)
    assert "Nora Staff closed this alert" in told(answer)


def test_taking_leads_back_to_where_the_click_was_and_never_away(
    alert: Alert, nurse: Client, people: Cast
) -> None:
    assert nurse.post(action(alert, "acknowledge"), {"next": "/desk/"}).url == "/desk/"
    assert nurse.post(action(alert, "acknowledge"), {"next": "https://evil.example/"}).url == chart(people.patient)


def test_a_contact_is_kept_with_note_and_call_back(people: Cast, alert: Alert, nurse: Client) -> None:
    at = timezone.now() + timedelta(hours=4)
    local = f"{at.astimezone(timezone.get_fixed_timezone(timedelta(hours=0))):%Y-%m-%dT%H:%M}"
    people.clinic.timezone = "Atlantic/Reykjavik"
    people.clinic.save()
    nurse.post(
        action(alert, "contact"), {"level": "contacted", "note": "Rest, call at noon.", "call_back_by": local}
    )
    kept = fresh(alert)
    assert (kept.state, kept.acked_by) == ("acked", people.nurse)
    assert kept.call_back_by
    assert f"{kept.call_back_by:%Y-%m-%dT%H:%M}" == local
    assert AlertEvent.objects.get(alert=alert, what="contacted").note == "Rest, call at noon."


def test_not_reached_is_written_down_and_the_clock_goes_on(alert: Alert, nurse: Client) -> None:
    answer = nurse.post(
        action(alert, "contact"), {"level": "not_reached", "note": "No answer twice."}, follow=True
    )
    assert "the next person is told as planned" in told(answer)
    assert fresh(alert).state == "open"
    assert fresh(alert).next_step_at == alert.next_step_at
    assert "Tried, not reached by Nora Staff" in text(answer)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"level": "", "note": "x"}, "Choose one"),
        ({"level": "contacted", "note": ""}, "Write a short note"),
        ({"level": "healed", "note": "x"}, "not one of the available choices"),
        ({"level": "contacted", "note": "x" * 2001}, "at most 2000"),
        ({"level": "contacted", "note": "x", "call_back_by": "2020-01-01T10:00"}, "within the next 48 hours"),
    ],
)
def test_a_contact_that_lacks_something_stays_typed(
    alert: Alert, nurse: Client, typed: dict[str, str], words: str
) -> None:
    answer = nurse.post(action(alert, "contact"), {"call_back_by": "", **typed})
    assert answer.status_code == 422
    assert words in text(answer)
    assert typed["note"] in text(answer)
    assert fresh(alert).state == "open"


def test_an_alert_is_closed_with_outcome_and_note(people: Cast, alert: Alert, nurse: Client) -> None:
    answer = nurse.post(
        action(alert, "resolve"), {**CLOSED, "outcome": "seen_in_clinic", "note": "Seen at ten."}, follow=True
    )
    assert "The alert is closed" in told(answer)
    kept = fresh(alert)
    assert (kept.state, kept.outcome, kept.resolved_by) == ("resolved", "seen_in_clinic", people.nurse)


@pytest.mark.parametrize("outcome", ["", "sign_gone", "nonsense"])
def test_it_is_not_closed_without_a_person_s_outcome(alert: Alert, nurse: Client, outcome: str) -> None:
    answer = nurse.post(action(alert, "resolve"), {**CLOSED, "outcome": outcome, "note": "kept words"})
    assert answer.status_code == 422
    assert "kept words" in text(answer)
    assert fresh(alert).state == "open"


def test_closing_a_closed_alert_says_so_and_keeps_the_words(alert: Alert, nurse: Client) -> None:
    sent = {**CLOSED, "note": "mine"}
    nurse.post(action(alert, "resolve"), {**sent, "note": "first"})
    answer = nurse.post(action(alert, "resolve"), sent)
    assert "already closed" in text(answer)
    assert "mine" in text(answer)
    assert fresh(alert).outcome_note == "first"


def test_an_alert_is_handed_over_and_the_colleague_is_told(people: Cast, alert: Alert, nurse: Client) -> None:
    nurse.post(action(alert, "acknowledge"))
    nurse.post(action(alert, "hand-over"), {"to_staff": people.nurse2.pk, "note": "Please call at six."})
    assert fresh(alert).acked_by == people.nurse2
    assert Delivery.objects.filter(recipient=f"staff:{people.nurse2.pk}", message="staff_handover").exists()


def test_it_is_handed_only_to_colleagues_of_this_clinic(people: Cast, alert: Alert, nurse: Client) -> None:
    nurse.post(action(alert, "acknowledge"))
    page = text(nurse.get(action(alert, "hand-over")))
    assert "Otto" not in page
    answer = nurse.post(action(alert, "hand-over"), {"to_staff": people.other_nurse.pk, "note": "x"})
    assert answer.status_code == 422
    assert fresh(alert).acked_by == people.nurse


def test_what_nobody_took_can_not_be_handed_over(people: Cast, alert: Alert, nurse: Client) -> None:
    answer = nurse.post(action(alert, "hand-over"), {"to_staff": people.nurse2.pk, "note": "x"})
    assert "Take this alert first" in text(answer)


def test_every_act_is_written_down_beside_the_record(people: Cast, alert: Alert, nurse: Client) -> None:
    nurse.post(action(alert, "acknowledge"))
    nurse.post(action(alert, "contact"), {"level": "evaluated", "note": "x"})
    nurse.post(action(alert, "resolve"), CLOSED)
    done = AccessEvent.objects.filter(patient=people.patient, actor=people.nurse.user).values_list(
        "action", flat=True
    )
    assert {"took the alert", "record a contact", "close this alert"} <= set(done)


@pytest.mark.parametrize("name", ["acknowledge", "contact", "resolve", "hand-over"])
def test_to_strangers_the_alert_does_not_exist(people: Cast, alert: Alert, name: str) -> None:
    assert [client.post(action(alert, name)).status_code for client in strangers(people)] == [404] * 4
    assert fresh(alert).state == "open"


def test_a_click_is_never_a_mere_look(alert: Alert, nurse: Client) -> None:
    assert nurse.get(action(alert, "acknowledge")).status_code == 405


def test_an_emergency_told_again_asks_again_after_a_contact(people: Cast, send: Send, nurse: Client) -> None:
    send(BREATHLESS)
    alert = alert_of(people.patient)
    nurse.post(action(alert, "contact"), {"level": "contacted", "note": "Ambulance called."})
    send({**BREATHLESS, "em_chest_pain": "yes"})
    page = text(nurse.get("/desk/"))
    assert "Waiting for an answer" in page


@pytest.mark.slow
def test_out_of_reach_is_said_with_what_to_do_next(people: Cast, alert: Alert, nurse: Client) -> None:
    for _ in range(2):
        answer = nurse.post(action(alert, "contact"), {"level": "not_reached"}, follow=True)
    assert "2 calls without an answer. The next people are being told." in told(answer)
    page = text(answer)
    assert "welfare check at the home address" in page
    assert "2 calls without an answer" in text(nurse.get("/desk/"))
    refused = nurse.post(action(alert, "resolve"), CLOSED)
    assert "Nobody has reached the patient yet" in text(refused)
    assert fresh(alert).state == "open"


def test_a_next_check_and_the_advice_stand_on_chart_and_list(people: Cast, alert: Alert, nurse: Client) -> None:
    people.clinic.timezone = "Atlantic/Reykjavik"
    people.clinic.save()
    at = timezone.now() + timedelta(hours=3)
    sent = {"level": "contacted", "note": "Lie flat until noon.", "next_check_at": f"{at:%Y-%m-%dT%H:%M}"}
    page = text(nurse.post(action(alert, "contact"), sent, follow=True))
    assert "Lie flat until noon." in page
    assert "Look again at" in page
    assert "Look again at" in text(nurse.get("/desk/"))
    assert fresh(alert).next_step_at == fresh(alert).next_check_at


def test_a_judgement_is_asked_for_and_kept(alert: Alert, nurse: Client) -> None:
    without = nurse.post(action(alert, "resolve"), {"outcome": "advised", "note": "kept words"})
    assert without.status_code == 422
    assert "Tap one: useful, not useful or unsure." in text(without)
    assert "kept words" in text(without)
    why = {"worth": "not_useful", "worth_reason": "known", "worth_note": "Old numbness"}
    page = text(nurse.post(action(alert, "resolve"), {**CLOSED, **why}, follow=True))
    kept = fresh(alert)
    assert (kept.worth, kept.worth_reason, kept.worth_note) == ("not_useful", "known", "Old numbness")
    assert "Worth the time? Not useful: we knew it already" in page


@pytest.mark.parametrize("typed", [{"worth": "great"}, {"worth_reason": "boredom"}, {"worth_note": "x" * 301}])
def test_a_judgement_is_one_of_those_offered(alert: Alert, nurse: Client, typed: dict[str, str]) -> None:
    assert nurse.post(action(alert, "resolve"), {**CLOSED, **typed}).status_code == 422
    assert fresh(alert).state == "open"


def test_nothing_urgent_is_put_off_from_the_page(alert: Alert, nurse: Client, people: Cast) -> None:
    assert "Snooze" not in text(nurse.get(chart(people.patient)))
    answer = nurse.post(action(alert, "snooze"), {"days": "1", "reason": "x"}, follow=True)
    assert "Only watch items can be snoozed." in told(answer)
    assert fresh(alert).state == "open"


@pytest.mark.parametrize("reached", [True, False])
def test_a_hand_over_to_somebody_whom_no_message_reaches_says_so(
    people: Cast, alert: Alert, nurse: Client, reached: bool
) -> None:
    if not reached:
        break_contacts(people.nurse2)
    nurse.post(action(alert, "acknowledge"))
    data = {"to_staff": people.nurse2.pk, "note": "Bus."}
    page = text(nurse.post(action(alert, "hand-over"), data, follow=True))
    assert ("Only the screen tells them" in page) is not reached
    assert ("is being told" in page) is reached
