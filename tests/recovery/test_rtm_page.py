"""The RTM report: what is counted from real rows, who sees it, and that it says what the law asks."""

import csv
import io
import uuid
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from alerts.models import Alert, AlertEvent
from patients.models import AccessEvent, TrailEvent
from recovery.desk.figures.rtm_query import rtm_report, thresholds
from recovery.journey import writing
from recovery.models import DailyLog, PatientContact
from recovery.settings.clinic_settings import propose
from tests.patients.pages import signed_in, text
from tests.people import Cast
from tests.recovery.conftest import CALM, NUMB, Send

PAGE, CSV, XLSX = "/desk/figures/rtm/", "/desk/figures/rtm/rtm.csv", "/desk/figures/rtm/rtm.xlsx"


@pytest.fixture(autouse=True)
def one_factor(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False


@pytest.fixture
def manager(people: Cast) -> Client:
    return signed_in(people.manager)


def logged(people: Cast, day: datetime, door: str = "app") -> None:
    """A log of the patient on this day, as it is in the database."""
    known = {"patient": people.patient, "procedure": people.procedure, "entered_by": people.patient.user}
    answers = {**CALM, "door": door}
    DailyLog.objects.create(client_id=uuid.uuid4(), answered_at=day, received_at=day, answers=answers, **known)


def noon(people: Cast, days_ago: int) -> datetime:
    """Noon of a day, by the clinic's clocks."""
    zone = ZoneInfo(people.clinic.timezone)
    day = timezone.now().astimezone(zone).date() - timedelta(days=days_ago)
    return datetime.combine(day, time(12), zone)


def row_of(people: Cast, at: datetime | None = None) -> Any:
    """The patient's row in the report of the month of a moment, of the present one by default."""
    now = timezone.now()
    month = (at or now).astimezone(ZoneInfo(people.clinic.timezone)).date().replace(day=1)
    return next(row for row in rtm_report(people.manager, month, now).rows if row.procedure == people.procedure)


def aged(people: Cast, days: int) -> None:
    type(people.procedure).objects.update(ended_at=timezone.now() - timedelta(days=days))


@pytest.mark.parametrize(("count", "code"), [(16, "98977"), (15, "98985")])
def test_days_are_counted_by_the_patients_clocks_and_once_a_day(people: Cast, count: int, code: str) -> None:
    aged(people, 60)
    for n in range(count):
        logged(people, noon(people, 50 - n))
        logged(people, noon(people, 50 - n) + timedelta(hours=11, minutes=59))
    last_day = noon(people, 50 - 29)
    found = row_of(people, last_day).found
    assert [one.days for one in found.supplies if one.over] == [count]
    assert found.codes[code] == 1


def test_only_what_came_from_the_app_is_data(people: Cast) -> None:
    aged(people, 20)
    for n, door in enumerate(("app", "web", "nurse", "sms", "call")):
        logged(people, noon(people, 10 - n), door)
    row = row_of(people)
    assert (row.found.supplies[-1].days, row.other_days) == (2, 3)


def contact(people: Cast, kind: str, minutes: int | None) -> None:
    writing.write_down(
        staff=people.nurse,
        patient=people.patient,
        kind=kind,
        note="x",
        now=timezone.now(),
        once=str(uuid.uuid4()),
        minutes=minutes,
        about=Alert.objects.values_list("code", flat=True).first(),
    )


def test_minutes_are_those_written_down_and_a_live_contact_is_a_talk(people: Cast) -> None:
    contact(people, "not_reached", 12)
    assert (row_of(people).found.minutes, row_of(people).found.talks, row_of(people).found.codes) == (12, 0, {})
    contact(people, "evaluated", None)
    assert row_of(people).found.talks == 0
    contact(people, "contacted", 30)
    found = row_of(people).found
    assert (found.minutes, found.talks, found.codes) == (42, 1, {"98980": 1, "98981": 1})


def test_minutes_of_a_contact_about_an_alert_stand_in_its_history(people: Cast, send: Send) -> None:
    send(NUMB)
    contact(people, "contacted", 11)
    event = AlertEvent.objects.get(what="contacted")
    assert (event.alert, event.detail["minutes"]) == (Alert.objects.get(), 11)
    assert row_of(people).found.codes == {"98979": 1}
    assert "Nora Staff, 11 min" in text(signed_in(people.nurse).get(f"/desk/patients/{people.patient.code}/"))
    assert not PatientContact.objects.exists()


@pytest.mark.parametrize("typed", ["0", "241", "ten", "-3", "1.5"])
def test_minutes_that_cannot_be_are_refused_and_the_words_stay(people: Cast, typed: str) -> None:
    address = f"/desk/patients/{people.patient.code}/contact/"
    answer = signed_in(people.nurse).post(address, {"kind": "contacted", "note": "Slept well.", "minutes": typed})
    page = text(answer)
    assert answer.status_code == 422
    assert "Enter whole minutes from 1 to 240, or leave it empty." in page
    assert "Slept well." in page


def test_the_numbers_are_settings_of_the_clinic_with_their_history(people: Cast) -> None:
    now = timezone.now()
    staff, why = people.manager, "Our payer asks for 15."
    set_to = propose(staff=staff, key="rtm_minutes_short", value=15, reason=why, effective_from=None, now=now)
    assert set_to.state == "active"  # nobody has to sign it
    assert thresholds(people.clinic.pk, timezone.now()).minutes_short == 15
    assert thresholds(people.other_clinic.pk, timezone.now()).minutes_short == 10
    assert thresholds(people.clinic.pk, now - timedelta(minutes=1)).minutes_short == 10
    contact(people, "contacted", 14)
    assert row_of(people).found.codes == {}


def test_the_page_says_what_the_law_asks_and_names_nobody_of_another_clinic(people: Cast, manager: Client) -> None:
    page = text(manager.get(PAGE))
    for words in ("need a device as the FDA defines it", "The payer decides", "CR 14250", "Rosa"):
        assert words in page
    assert "Olga" not in page
    look = AccessEvent.objects.get(patient=people.patient)
    assert (look.actor, look.action) == (people.manager.user, "opened the RTM report")
    assert signed_in(people.nurse).get(PAGE).status_code == 404


@pytest.mark.parametrize("month", ["", "2019-01", "x", "2026-13"])
def test_a_month_nobody_offers_is_the_present_one(people: Cast, manager: Client, month: str) -> None:
    page = manager.get(PAGE, {"month": month})
    assert page.context["report"].month == page.context["months"][0]
    assert len(set(page.context["months"])) == 13


def test_the_files_hold_the_same_and_are_in_the_trail(people: Cast, manager: Client) -> None:
    contact(people, "contacted", 25)
    rows = list(csv.reader(io.StringIO(manager.get(CSV).content.decode())))
    line = dict(zip(rows[0], rows[1], strict=True))
    assert (line["patient"], line["minutes in the month"], line["98980"], line["98981"]) == (
        people.patient.name,
        "25",
        "1",
        "0",
    )
    assert "FDA" in rows[-2][0]
    sheet = load_workbook(io.BytesIO(manager.get(XLSX).content)).active
    assert [str(value or "") for value in next(sheet.iter_rows(min_row=2, values_only=True))] == [
        "" if value == "0" else value for value in rows[1]
    ]
    assert TrailEvent.objects.filter(what="export", detail__startswith="RTM report of").count() == 2


@pytest.mark.usefixtures("nothing_runs_out")
def test_the_report_costs_five_statements_and_scans_no_table(people: Cast) -> None:
    logged(people, noon(people, 1))
    contact(people, "contacted", 25)
    month, now = timezone.now().date().replace(day=1), timezone.now()
    with CaptureQueriesContext(connection) as asked:
        rtm_report(people.manager, month, now)
    assert len(asked) == 5
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for one in asked:
            cursor.execute(f"EXPLAIN {one['sql']}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
            for table in ("recovery_dailylog", "alerts_alertevent", "recovery_patientcontact"):
                assert f"Seq Scan on {table}" not in plan
