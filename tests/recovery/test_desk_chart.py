"""The chart: two identifiers, what waits and why, everything logged in words, and who looked."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from alerts.lifecycle.escalation import advance_due
from alerts.messaging.dispatch import send_claimed
from alerts.messaging.outbox import claim_due
from alerts.models import AlertEvent
from patients.models import AccessEvent, Patient, Procedure
from patients.templatetags.kypho import day_and_clock, in_zone
from recovery.journey import actions, stays
from recovery.models import Reminder
from tests.patients.pages import signed_in, strangers, text
from tests.people import Cast
from tests.recovery.conftest import BREATHLESS, NUMB, Send
from tests.recovery.desk import action, alert_of, chart


@pytest.fixture(autouse=True)
def one_factor(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False


@pytest.fixture
def nurse(people: Cast) -> Client:
    return signed_in(people.nurse)


def test_two_identifiers_stand_on_top(people: Cast, nurse: Client) -> None:
    page = text(nurse.get(chart(people.patient)))
    top = page[: page.index('id="logs"')]
    assert "Rosa Recovers" in top
    assert "Mar 4, 1950" in top
    assert (people.patient.mrn or "?") in top


def test_the_procedure_and_its_risks_are_said(people: Cast, nurse: Client) -> None:
    Procedure.objects.update(cement_leakage=True, levels=["T12"], blood_thinner_held=True, osteoporosis=True)
    page = text(nurse.get(chart(people.patient)))
    for words in ("Kyphoplasty T12", "day 2", "Cement leak", "osteoporosis, T12 or L1", "no restart date"):
        assert words in page


def test_an_open_alert_comes_with_its_signs_values_and_actions(people: Cast, send: Send, nurse: Client) -> None:
    send({**NUMB, "fever_feel": "yes", "temp_value": 101.3, "temp_unit": "F"})
    page = text(nurse.get(chart(people.patient)))
    assert "waiting since" in page
    assert "<li>Numb or tingling: legs or feet; new since the procedure.</li>" in page
    assert "<li>Fever: 101.3 °F." in page
    for name in ("acknowledge", "resolve"):
        assert action(alert_of(people.patient), name) in page
    assert f"{chart(people.patient)}act/" in page


def test_nobody_is_said_to_be_told_next_of_a_watch_item(people: Cast, send: Send, nurse: Client) -> None:
    send({"site_redness": "small_not_spreading", "site_gate": "some"})
    assert alert_of(people.patient).tier == "watch"
    assert "Next: " not in text(nurse.get(chart(people.patient)))


@pytest.mark.slow
def test_each_log_says_which_rules_fired_and_where_they_come_from(people: Cast, send: Send, nurse: Client) -> None:
    send(NUMB)
    page = text(nurse.get(chart(people.patient)))
    assert "RDN-01" in page
    assert "Numb or tingling: legs or feet" in page
    assert "care instructions" in page
    assert "healthwise DN-10" not in page


def test_answers_are_in_the_words_the_patient_saw(people: Cast, send: Send, nurse: Client) -> None:
    send({"walk_level": "outside", "notes": "I feel <b>fine</b>"})
    page = text(nurse.get(chart(people.patient)))
    assert "How far did you walk today?" in page
    assert "Out of the house" in page
    assert "<blockquote>I feel &lt;b&gt;fine&lt;/b&gt;</blockquote>" in page


def test_what_the_patient_was_told_is_there(people: Cast, send: Send, nurse: Client) -> None:
    send(BREATHLESS)
    assert "Told: Call 911 now." in text(nurse.get(chart(people.patient)))


def test_pain_is_a_drawing_with_words_and_a_table(people: Cast, send: Send, nurse: Client) -> None:
    now = timezone.now()
    for hours, pain in ((30, 6), (6, 3)):
        send({"pain_move": pain}, now=now - timedelta(hours=hours))
    page = text(nurse.get(chart(people.patient)))
    assert page.count("<polyline") == 3
    assert "Pain moving: 6 at first, 3 in the last log." in page
    assert 'class="numbers-table"' in page
    assert "<title" in page
    assert "<desc" in page


def test_one_log_is_a_course_already(people: Cast, send: Send, nurse: Client) -> None:
    assert 'id="course"' not in text(nurse.get(chart(people.patient)))
    send({"pain_move": 6, "fever_feel": "yes", "temp_value": 38.5, "temp_unit": "C"})
    page = text(nurse.get(chart(people.patient)))
    assert "Pain when moving is 6 in the only log." in page
    assert "<strong>One fever, 101.3 °F, on day 2.</strong>" in page
    assert "under 100.4 °F" in page


def test_the_history_names_who_was_told_how_and_what_became_of_it(people: Cast, send: Send, nurse: Client) -> None:
    send(NUMB)
    now = timezone.now()
    advance_due(now)
    send_claimed(claim_due(now), now)
    page = text(nurse.get(chart(people.patient)))
    assert "Told: nurse on call" in page
    assert "Niles Staff" in page
    assert "e-mail to Nora Staff: <strong>sent</strong>" in page


def test_a_clinic_that_set_another_time_reads_nothing_of_48_hours(people: Cast, send: Send, nurse: Client) -> None:
    send(NUMB)
    alert = alert_of(people.patient)
    AlertEvent.objects.create(alert=alert, at=timezone.now(), what="contact_ran_out")
    page = text(nurse.get(chart(people.patient)))
    assert "48 hours old" not in page
    assert "Empty: at 4 pm of the last working day within 48 hours, or as your clinic set it." in page


def test_the_plan_says_what_is_held_back_and_why(people: Cast, send: Send, nurse: Client) -> None:
    send(NUMB)
    page = text(nurse.get(chart(people.patient)))
    assert "Held back" in page
    assert "a leg sign" in page


def test_driving_is_held_from_the_chart_by_one_form(people: Cast, send: Send, nurse: Client) -> None:
    """Two clicks: Set opens it, Save holds it until the clinic clears it."""
    send({})
    page = text(nurse.get(chart(people.patient)))
    form = page[page.index('value="no_drive_until"') :].split("</form>")[0]
    assert re.search(r'name="until_cleared"[^>]*checked', form)
    typed = {"key": "no_drive_until", "back": "chart", "until_cleared": "on", "reason": "Dizzy on the phone."}
    answer = nurse.post(f"/desk/patients/{people.patient.code}/settings/", typed)
    assert answer.headers["Location"] == chart(people.patient)
    page = text(nurse.get(chart(people.patient)))
    driving = page[page.index("<strong>Driving</strong>") :][:200]
    assert "Held back" in driving


def test_only_a_clinician_is_offered_to_lift_a_limit(people: Cast, send: Send, nurse: Client) -> None:
    send({})
    lifts = 'value="heavy_cleared_on"'
    assert lifts in text(nurse.get(chart(people.patient)))
    assert lifts not in text(signed_in(people.manager).get(chart(people.patient)))


def test_the_plan_says_which_notes_left_and_never_that_they_are_due(people: Cast, nurse: Client) -> None:
    """day 2: the note about short walks went out an hour ago, the one about driving was not needed."""
    then = timezone.now() - timedelta(hours=1)
    note = {"procedure": people.procedure, "due_at": then, "handled_at": then}
    for key, state in (("M-WALK-24H", "sent"), ("M-DRIVE-48H", "dropped")):
        Reminder.objects.create(key=key, milestone=key, state=state, **note)
    page = text(nurse.get(chart(people.patient)))
    plan = page[page.index("M-WALK-24H") :]
    walk, drive = plan[:400].split("</tr>")[0], plan[plan.index("M-DRIVE-48H") :].split("</tr>")[0]
    assert f"note sent {day_and_clock(in_zone(then, people.patient.timezone))}" in walk
    assert "note due" not in walk + drive


def test_a_note_that_is_due_says_now_and_no_time_of_the_page(people: Cast, nurse: Client) -> None:
    Procedure.objects.update(ended_at=timezone.now() - timedelta(hours=50))
    Patient.all_clinics.update(enrolled_at=timezone.now() - timedelta(hours=51))
    page = text(nurse.get(chart(people.patient)))
    row = page[page.index("M-HEAVY-LIMIT") :].split("</tr>")[0]
    assert "note due" in row
    assert f"note due {day_and_clock(in_zone(timezone.now(), people.patient.timezone))}" not in row
    now = timezone.now()
    stays.begin(staff=people.nurse, patient=people.patient, since=now, note="A fall", now=now)
    assert "note due" not in text(nurse.get(chart(people.patient)))


def test_opening_the_chart_is_written_down_and_shown(people: Cast, nurse: Client) -> None:
    nurse.get(chart(people.patient))
    assert AccessEvent.objects.filter(patient=people.patient, action="opened the chart").count() == 1
    assert "Nora Staff</span> opened the chart" in text(nurse.get(chart(people.patient)))


def test_without_an_open_recovery_the_story_still_opens(people: Cast, send: Send, nurse: Client) -> None:
    send(NUMB)
    Procedure.objects.update(closed_at=timezone.now())
    page = text(nurse.get(chart(people.patient)))
    assert "No recovery is watched" in page
    assert "Numb or tingling" in page


@pytest.mark.usefixtures("nothing_runs_out")
@pytest.mark.slow
@pytest.mark.slow
def test_long_stories_fold_their_earlier_logs(people: Cast, send: Send, nurse: Client) -> None:
    for n in range(9):
        send({}, now=timezone.now() - timedelta(hours=10 - n))
    assert "2 earlier logs" in text(nurse.get(chart(people.patient)))


def test_to_strangers_the_patient_does_not_exist(people: Cast) -> None:
    assert [client.get(chart(people.patient)).status_code for client in strangers(people)] == [404] * 4
    assert not AccessEvent.objects.exists()


def test_each_rule_that_fired_comes_with_the_answers_it_looked_at(people: Cast, send: Send, nurse: Client) -> None:
    send(NUMB)
    page = text(nurse.get(chart(people.patient)))
    assert "Where do you feel numb or tingly? Legs or feet; When did it start? It started after" in page


def test_a_log_shows_where_it_is_numb_on_a_body_and_in_words(people: Cast, send: Send, nurse: Client) -> None:
    send({})
    assert "bodies" not in text(nurse.get(chart(people.patient)))
    send({**NUMB, "numb_where": ["legs", "treated_area"]})
    page = text(nurse.get(chart(people.patient)))
    assert "<strong>Numb or tingly:</strong> Legs or feet, The spot on my back that was treated" in page
    assert page.count('class="meant"') == 3


def test_logs_that_say_the_same_again_are_one_line_of_the_history(people: Cast, send: Send, nurse: Client) -> None:
    for minutes in (50, 40, 30, 20):
        send(NUMB, now=timezone.now() - timedelta(minutes=minutes))
    actions.acknowledge(staff=people.nurse, code=alert_of(people.patient).code, now=timezone.now())
    send(NUMB)
    [alert] = nurse.get(chart(people.patient)).context["alerts"]
    again = [(line.times, line.last) for line in alert.events if line.words.startswith("Logged again")]
    assert [times for times, _ in again] == [3, 1]
    assert again[0][1]
    assert ", 3 times, last" in text(nurse.get(chart(people.patient)))
