"""The figures page: true numbers of one clinic, the people behind each, few statements, and the same as files."""

import csv
import html
import io
import re
import uuid
from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from alerts.lifecycle.escalation import advance_due
from alerts.models import Alert, Delivery
from patients.models import AccessEvent, Procedure
from recovery.desk.figures.alert_panels import rule_words
from recovery.desk.figures.figures_query import clinic_figures
from recovery.desk.figures.filters import Choice
from recovery.desk.figures.outcomes_query import recoveries
from recovery.desk.files import csv_file, xlsx_file
from recovery.journey import actions
from recovery.models import DailyLog
from recovery.triage.rulebook import load_rulebook
from tests.database import FOR_WHOM
from tests.patients.pages import signed_in, text
from tests.people import Cast, make_patient, make_procedure
from tests.recovery.conftest import BREATHLESS, CALM, NUMB, Send
from tests.recovery.desk import another

PAGE, CSV, XLSX = "/desk/figures/", "/desk/figures/figures.csv", "/desk/figures/figures.xlsx"
PEOPLE = "/desk/figures/people/"


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
    found = clinic_figures(people.nurse, Choice(7), timezone.now() + timedelta(hours=1)).figures
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
    assert "last 28 days, all surgeons, all levels" in page
    assert "too few alerts in this time to compare" in page
    assert 'href="/desk/rules/#RDN-01">RDN-01</a> <span class="q">Numb or tingling</span>' in page
    assert "Take it to your clinicians" not in page
    assert "Take it to your clinicians" in text(signed_in(people.manager).get(PAGE))


def six_weeks(people: Cast) -> Procedure:
    """A recovery of 60 days with a log on each of the first 14 and around the days that are looked at."""
    patient = make_patient(people.clinic, "Edith")
    ended = timezone.now() - timedelta(days=60)
    record = {"baseline_pain": 8, "cement_leakage": True, "surgeon": "Dr. Ada Chen", "levels": ["L1"]}
    procedure = make_procedure(patient, ended_at=ended, recorded_at=ended, **record)
    days = {**dict.fromkeys(range(1, 15), 4), 28: 3, 42: 6}
    for day, pain in days.items():
        stored(procedure, ended + timedelta(days=day), pain)
    return procedure


def stored(procedure: Procedure, at: datetime, pain: int, **more: Any) -> DailyLog:
    """A log as it is in the database; no rule judges it."""
    answers = {**CALM, "pain_move": pain, "pain_rest": 1}
    known = {"patient": procedure.patient, "procedure": procedure, "entered_by": procedure.patient.user, **more}
    return DailyLog.objects.create(
        client_id=uuid.uuid4(), answered_at=at, received_at=at, answers=answers, **known
    )


def test_how_patients_did_stands_first_with_n_and_source(people: Cast, nurse: Client) -> None:
    six_weeks(people)
    page = nurse.get(PAGE, {"days": "90"})
    found = page.context["patients"]
    assert [found["adherence"][name].words for name in ("part", "whole")] == ["1", "1"]
    assert found["adherence"]["percent"] == "100 %"
    assert [(row.day, row.answered.words, row.middle, row.reduced.words) for row in found["pain"]] == [
        ("before", "1", "8", "0"),
        ("day 2", "1", "4", "1"),
        ("day 7", "1", "4", "1"),
        ("day 14", "1", "4", "1"),
        ("day 28", "1", "3", "1"),
        ("day 42", "1", "6", "0"),
    ]
    assert [(row.name, row.part.words, row.whole.words) for row in found["beside"]] == [
        ("Lasting pain, day 42", "1", "1"),
        ("New fracture", "0", "1"),
        ("Cement leak", "1", "2"),
    ]
    said = text(page)
    for words in ("7.8% of 809", "21.7%", "2% to 26%", "Back pain after kyphoplasty (back-pain OF-07)", "too few"):
        assert words in said


def test_a_new_fracture_in_the_record_is_counted_and_one_before_the_procedure_is_refused(
    people: Cast, nurse: Client
) -> None:
    procedure = six_weeks(people)
    Procedure.objects.filter(pk=procedure.pk).update(new_fracture_on=timezone.now().date())
    found = nurse.get(PAGE, {"days": "28"}).context["patients"]["beside"][1]
    assert (found.part.words, found.whole.words, found.percent) == ("1", "1", "100 %")


def test_a_corrected_log_and_a_log_of_another_clinic_count_not(people: Cast, nurse: Client) -> None:
    procedure = six_weeks(people)
    log = DailyLog.objects.filter(procedure=procedure).latest("answered_at")
    stored(procedure, log.answered_at, 2, supersedes=log)
    assert nurse.get(PAGE, {"days": "90"}).context["patients"]["pain"][-1].middle == "2"
    stored(procedure, log.answered_at, 9)
    # the highest pain of a day counts
    assert nurse.get(PAGE, {"days": "90"}).context["patients"]["pain"][-1].middle == "9"
    other = signed_in(people.other_nurse).get(PAGE, {"days": "90"}).context["patients"]
    assert other["adherence"]["whole"].words == "0"


LINK = re.compile(r'href="(/desk/figures/people/[^"]+)"[^>]*>\s*(?:<text[^>]*>)?(?:n )?(\d+)<')


@pytest.mark.slow
def test_every_number_opens_exactly_the_people_behind_it(people: Cast, send: Send) -> None:
    worked(people, send)
    six_weeks(people)
    desk = signed_in(people.manager)
    page = html.unescape(desk.get(PAGE, {"days": "90"}).content.decode())
    links = set(LINK.findall(page))
    assert len(links) > 40
    for address, number in links:
        opened = desk.get(address)
        assert (opened.status_code, opened.context["count"]) == (200, int(number)), address
        assert opened.context["words"]
        assert "Olga" not in text(opened)
    assert page.count(PEOPLE) == len(LINK.findall(page))


def test_who_opens_a_list_is_recorded_for_each_patient(people: Cast, nurse: Client) -> None:
    patient = six_weeks(people).patient
    nurse.get(PEOPLE, {"of": "adherence", "days": "90"})
    look = AccessEvent.objects.get(patient=patient)
    assert (look.actor, look.action, look.subject) == (
        people.nurse.user,
        "opened people behind figures",
        "adherence",
    )


def test_the_list_says_what_is_counted(people: Cast, nurse: Client) -> None:
    six_weeks(people)
    page = text(nurse.get(PEOPLE, {"of": "adherence", "days": "90"}))
    assert "Logged on 10 of the first 10 days" in page
    page = text(nurse.get(PEOPLE, {"of": "lasting", "days": "90"}))
    assert "Pain 8 before, 6 around day 42" in page
    # 60 times 24 hours are 59 dates in the hour before midnight, when the clocks changed in between.
    assert re.search(r"day (59|60), L1, Dr\. Ada Chen", page)


NO_KEYS = ["x", "pain", "pain:9", "week:never", "work:1", "rule:RDN-01", "seen:watch", "alerts:a:b", "logged:99"]


@pytest.mark.parametrize("key", ["", *NO_KEYS])
def test_a_key_of_no_number_is_not_there(nurse: Client, key: str) -> None:
    assert nurse.get(PEOPLE, {"of": key}).status_code == 404


def test_the_work_of_a_colleague_is_the_managers_to_see(people: Cast, send: Send) -> None:
    worked(people, send)
    key = f"work:{people.nurse.pk}:taken"
    for name, status in (("nurse", 200), ("nurse2", 404), ("manager", 200)):
        assert signed_in(getattr(people, name)).get(PEOPLE, {"of": key}).status_code == status
    rows = signed_in(people.nurse2).get(PAGE).context["alerts"]["work"]
    assert [row.name for row in rows if "together" not in row.name] == ["Niles Staff, nurse"]


def test_surgeon_and_level_choose_and_stay_in_the_address(people: Cast, nurse: Client) -> None:
    six_weeks(people)
    for given, n in (({"surgeon": "Dr. Ada Chen"}, "1"), ({"level": "L1"}, "1"), ({"level": "L4"}, "0")):
        page = nurse.get(PAGE, {"days": "90", **given})
        assert page.context["patients"]["adherence"]["whole"].words == n
        assert urlencode(given) in page.context["choice"].link("x")
    assert nurse.get(PAGE, {"surgeon": "Dr. Who", "level": "Z9"}).context["choice"].query == "days=28"


@pytest.mark.slow
def test_what_was_closed_without_a_contact_stands_beside_the_times(
    people: Cast, send: Send, nurse: Client
) -> None:
    worked(people, send)
    closed = another(people, send, "Closed", NUMB)
    code = Alert.objects.get(patient=closed).code
    actions.resolve(staff=people.nurse, code=code, outcome="sent_to_er", note="x", now=timezone.now())
    page = nurse.get(PAGE)
    counts = page.context["alerts"]["counts"]
    assert (counts["without"].words, counts["resolved"].words) == ("1", "2")
    rows = list(csv.reader(io.StringIO(nurse.get(CSV).content.decode())))
    assert ["In touch with the patient: closed without", "call_doctor_now", "1", "alerts", "", ""] in rows


@pytest.mark.slow
def test_how_the_patients_are_now_is_what_the_list_says(people: Cast, send: Send, nurse: Client) -> None:
    worked(people, send)
    counted = dict(nurse.get(PAGE).context["people"].tiers)
    rows = [row.tier for group in nurse.get("/desk/").context["groups"] for row in group.rows]
    assert {tier: count for tier, count in counted.items() if count} == dict(Counter(rows))


def test_every_rule_has_words_of_its_own() -> None:
    book = load_rulebook()
    words = {rule.id: rule_words(rule.id) for rule in (*book.urgent, *book.watch, *book.latch)}
    assert words["RL-03"] == "Known, steady, plan in place."
    assert words["RW-24"] == "No log for too long"
    assert [rule for rule, said in words.items() if not said or said == rule] == []
    assert rule_words("RX-99") == ""


def test_an_empty_clinic_is_told_so(nurse: Client) -> None:
    page = text(nurse.get(f"{PAGE}?days=7"))
    assert "No alert was opened in these 7 days. 0 logs came in." in page
    assert "Nobody passed day 10 in this time." in page


@pytest.mark.parametrize("days", ["0", "366", "x", "-7", "7; drop", "٧"])
def test_a_period_nobody_offers_is_the_usual_one(nurse: Client, days: str) -> None:
    assert nurse.get(PAGE, {"days": days}).context["choice"].days == 28


def test_the_files_have_the_same_numbers_and_no_names(people: Cast, send: Send, nurse: Client) -> None:
    worked(people, send)
    answer = nurse.get(f"{CSV}?days=7")
    assert answer["Content-Type"].startswith("text/csv")
    assert "figures-7-days.csv" in answer["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.content.decode())))
    assert rows[0] == ["measure", "of", "value", "unit", "n", "beside"]
    assert {len(row) for row in rows} == {6}
    assert ["alerts", "call_911", "1", "alerts", "", ""] in rows
    assert ["judged not useful", "RDN-01", "100.0", "% of judged", "1", ""] in rows
    assert "Rosa" not in text(answer)
    sheet = load_workbook(io.BytesIO(nurse.get(f"{XLSX}?days=7").content)).active
    cells = [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    # the minute in which each was made may differ
    told, read = (
        [[row[0], row[1], *(float(one) for one in row[2:3] if one)] for row in some[1:] if row[0] != "made"]
        for some in (rows, cells)
    )
    assert told == read


@pytest.mark.parametrize("text_of_cell", ["=1+1", "+1", "-1", "@x", "\t=1", "=HYPERLINK(1)"])
def test_a_cell_that_looks_like_a_formula_is_a_text(text_of_cell: str) -> None:
    book = load_workbook(io.BytesIO(xlsx_file("x", "x", ("a",), [[text_of_cell]]).content))
    cell = book.active["A2"]
    assert (cell.data_type, cell.value.strip()) == ("s", text_of_cell.strip())
    assert csv_file("x", ("a",), [[text_of_cell]]).content.decode().splitlines()[1].lstrip('"').startswith("'")


def test_a_letter_that_no_workbook_may_hold_is_left_out() -> None:
    book = load_workbook(io.BytesIO(xlsx_file("x", "x", ("a",), [["a\x07b"]]).content))
    assert book.active["A2"].value == "ab"


@pytest.mark.usefixtures("nothing_runs_out")
@pytest.mark.slow
def test_it_costs_the_same_however_much_there_is(people: Cast, send: Send, nurse: Client) -> None:
    worked(people, send)
    six_weeks(people)
    for n in range(4):
        another(people, send, f"More{n}", NUMB)
    nurse.get(PAGE)
    with CaptureQueriesContext(connection) as asked:
        nurse.get(PAGE)
    assert len(asked) <= 19 + FOR_WHOM


def test_the_days_with_logs_are_found_by_indexes(people: Cast, nurse: Client) -> None:
    six_weeks(people)
    with CaptureQueriesContext(connection) as asked:
        recoveries(people.nurse, Choice(90), 180, timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for one in asked:
            cursor.execute(f"EXPLAIN {one['sql']}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
            assert "Seq Scan on recovery_dailylog" not in plan
            assert "Seq Scan on patients_procedure" not in plan
    assert len(asked) == 2
