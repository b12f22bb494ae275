"""The figures page: true numbers of one clinic, in few statements, and the same as CSV."""

import csv
import io
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from alerts.lifecycle.escalation import advance_due
from alerts.models import Alert, Delivery
from recovery.desk.figures import figures_page
from recovery.desk.figures.figures_query import clinic_figures
from recovery.journey import actions
from recovery.triage.rulebook import load_rulebook
from tests.database import FOR_WHOM
from tests.patients.pages import signed_in, text
from tests.people import Cast, make_procedure
from tests.recovery.conftest import BREATHLESS, NUMB, Send
from tests.recovery.desk import another

PAGE, CSV = "/desk/figures/", "/desk/figures/alerts.csv"


@pytest.fixture(autouse=True)
def one_factor(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False


@pytest.fixture
def nurse(people: Cast) -> Client:
    return signed_in(people.nurse)


def worked(people: Cast, send: Send) -> None:
    """One alert taken, contacted and closed; one emergency that waits; a calm log; and another clinic's alert."""
    send(NUMB)
    alert, now = Alert.objects.get(), timezone.now()
    advance_due(now)
    Delivery.objects.exclude(channel="board").update(state="sent", sent_at=now)
    actions.acknowledge(staff=people.nurse, code=alert.code, now=now + timedelta(minutes=4))
    actions.record_contact(
        staff=people.nurse,
        code=alert.code,
        level="contacted",
        note="x",
        call_back_by=None,
        now=now + timedelta(minutes=9),
    )
    actions.resolve(
        staff=people.nurse,
        code=alert.code,
        outcome="advised",
        note="x",
        now=now + timedelta(minutes=30),
        worth="not_useful",
        worth_reason="known",
    )
    another(people, send, "Breathless", BREATHLESS)
    another(people, send, "Calm", {})
    procedure = make_procedure(people.other_patient)
    send(NUMB, patient=people.other_patient, procedure=procedure, entered_by=people.other_patient.user)


def test_the_numbers_are_those_of_the_clinic(people: Cast, send: Send) -> None:
    worked(people, send)
    found = clinic_figures(people.nurse, 7, timezone.now() + timedelta(hours=1)).figures
    assert (found.alerts, found.logs, found.judged, found.useful, found.nurses) == (2, 3, 1, 0, 2)
    assert found.patient_days == pytest.approx(3 * (2 + 1 / 24), abs=0.01)
    doctor = found.tiers[1]
    assert [round(value.median or 0) for value in (doctor.seen, doctor.contacted, doctor.closed)] == [4, 9, 30]
    assert (found.tiers[0].alerts, found.tiers[0].seen.still_open) == (1, 1)
    assert found.pages == 2  # both nurses, once each
    rules = {rule.rule: rule.not_useful_percent for rule in found.rules}
    assert rules["RDN-01"] == 100
    assert rules["R911-04"] is None


def test_the_page_shows_them(people: Cast, send: Send, nurse: Client) -> None:
    worked(people, send)
    page = text(nurse.get(PAGE))
    assert "last 28 days" in page
    assert "0 of 1 judged" in page
    assert "too few alerts in this time to compare" in page
    assert 'href="/desk/rules/#RDN-01">RDN-01</a> <span class="quiet">Numb or tingling</span>' in page
    assert "Take it to your clinicians" not in page
    assert "Take it to your clinicians" in text(signed_in(people.manager).get(PAGE))


@pytest.mark.slow
def test_what_was_closed_without_a_contact_stands_beside_the_times(
    people: Cast, send: Send, nurse: Client
) -> None:
    worked(people, send)
    closed = another(people, send, "Closed", NUMB)
    code = Alert.objects.get(patient=closed).code
    actions.resolve(staff=people.nurse, code=code, outcome="sent_to_er", note="x", now=timezone.now())
    page = text(nurse.get(PAGE))
    # neither a message had left, nor had anybody spoken with the patient
    assert page.count("1 closed without") == 2
    assert "n = 1" in page
    rows = list(csv.reader(io.StringIO(nurse.get(CSV).content.decode())))
    assert ["In touch with the patient: closed without", "call_doctor_now", "1", "alerts"] in rows


@pytest.mark.slow
def test_how_the_patients_are_now_is_what_the_list_says(people: Cast, send: Send, nurse: Client) -> None:
    worked(people, send)
    counted = dict(nurse.get(PAGE).context["people"].tiers)
    rows = [row.tier for group in nurse.get("/desk/").context["groups"] for row in group.rows]
    assert {tier: count for tier, count in counted.items() if count} == dict(Counter(rows))


def test_every_rule_has_words_of_its_own() -> None:
    book = load_rulebook()
    words = {rule.id: figures_page.rule_words(rule.id) for rule in (*book.urgent, *book.watch, *book.latch)}
    assert words["RL-03"] == "Known, steady, plan in place."
    assert words["RW-24"] == "No log for too long"
    assert [rule for rule, said in words.items() if not said or said == rule] == []
    assert figures_page.rule_words("RX-99") == ""


def test_an_empty_clinic_is_told_so(nurse: Client) -> None:
    assert "No alert was opened in these 7 days. 0 logs came in." in text(nurse.get(f"{PAGE}?days=7"))


@pytest.mark.parametrize("days", ["0", "365", "x", "-7", "7; drop", "٧"])
def test_a_period_nobody_offers_is_the_usual_one(nurse: Client, days: str) -> None:
    assert nurse.get(PAGE, {"days": days}).context["days"] == 28


def test_the_csv_has_the_same_numbers_and_no_names(people: Cast, send: Send, nurse: Client) -> None:
    worked(people, send)
    answer = nurse.get(f"{CSV}?days=7")
    assert answer["Content-Type"].startswith("text/csv")
    assert "alerts-7-days.csv" in answer["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.content.decode())))
    assert rows[0] == ["measure", "of", "value", "unit"]
    assert {len(row) for row in rows} == {4}
    assert ["alerts", "call_911", "1", "alerts"] in rows
    assert ["judged not useful", "RDN-01", "100.0", "% of judged"] in rows
    assert "Rosa" not in text(answer)


@pytest.mark.usefixtures("nothing_runs_out")
@pytest.mark.slow
def test_it_costs_eleven_statements_beside_the_person_s(people: Cast, send: Send, nurse: Client) -> None:
    worked(people, send)
    for n in range(4):
        another(people, send, f"More{n}", NUMB)
    nurse.get(PAGE)
    with CaptureQueriesContext(connection) as asked:
        nurse.get(PAGE)
    assert len(asked) <= 14 + FOR_WHOM
