"""What the hot pages may ask of the database, with all around them: session, person, transaction, and for whom.

To begin a transaction, to say for whom it works and to end it count as statements.
"""

import json
import re
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import pytest
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from patients.models import AccessEvent, User
from patients.services.overrides import set_override
from recovery.desk.chart.chart_query import ALERTS
from recovery.journey.acts import Act, act_on_alert
from recovery.logs.read import read_log
from recovery.logs.submit import submit_log
from recovery.models import PatientContact, Reminder
from tests.alerts.steps import NUMB as NUMB_SIGN
from tests.alerts.steps import raise_for
from tests.people import Cast, cast, make_patient, make_procedure
from tests.recovery.conftest import CALM, NUMB

pytestmark = pytest.mark.django_db(transaction=True)
Count = Callable[[Callable[[], object]], int]
# The transaction and for whom it works, session, person, and the record of the look.
AROUND = (
    r'^(BEGIN|COMMIT|SELECT set_config|INSERT INTO "patients_accessevent"|SELECT "patients_(session|user|staff)")'
)


@pytest.fixture
def people() -> Cast:
    return cast()


@pytest.fixture
def count(nothing_runs_out: None) -> Count:
    """The number of statements of something done for the second time, when session and caches are warm."""

    def counted(do: Callable[[], object]) -> int:
        do()
        with CaptureQueriesContext(connection) as context:
            do()
        return len(context)

    return counted


def browser(user: User | None) -> Client:
    client = Client()
    assert user
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_calm_log_by_the_form_costs_at_most_20_with_the_time(people: Cast, count: Count) -> None:
    phone = browser(people.patient.user)
    assert count(lambda: phone.post("/log/", {**CALM, "client_id": str(uuid.uuid4())})) <= 20


def test_a_calm_log_by_the_phones_script_costs_at_most_20_with_the_time(people: Cast, count: Count) -> None:
    phone = browser(people.patient.user)

    def post() -> None:
        body = {"client_id": str(uuid.uuid4()), "answers": CALM}
        assert phone.post("/api/logs/", json.dumps(body), content_type="application/json").status_code == 201

    assert count(post) <= 20


def test_an_urgent_log_costs_at_most_26(people: Cast, count: Count) -> None:
    phone = browser(people.patient.user)
    assert count(lambda: phone.post("/log/", {**CALM, **NUMB, "client_id": str(uuid.uuid4())})) <= 26


def test_the_first_urgent_log_costs_at_most_28(people: Cast) -> None:
    phone = browser(people.patient.user)
    phone.get("/today/")
    with CaptureQueriesContext(connection) as context:
        phone.post("/log/", {**CALM, **NUMB, "client_id": str(uuid.uuid4())})
    assert len(context) <= 28


def test_today_costs_at_most_11(people: Cast, count: Count) -> None:
    phone = browser(people.patient.user)
    phone.post("/log/", {**CALM, **NUMB, "client_id": str(uuid.uuid4())})
    assert count(lambda: phone.get("/today/")) <= 11


@override_settings(STAFF_SECOND_FACTOR=False)
@pytest.mark.parametrize("patients", [5, 60])
@pytest.mark.slow
def test_the_worklist_costs_at_most_12_however_many_patients(people: Cast, count: Count, patients: int) -> None:
    for n in range(patients):
        make_procedure(make_patient(people.clinic, first_name=f"Person {n}"))
    phone = browser(people.patient.user)
    phone.post("/log/", {**CALM, **NUMB, "client_id": str(uuid.uuid4())})
    desk = browser(people.nurse.user)
    assert count(lambda: desk.get(reverse("recovery:worklist"))) <= 12


def a_long_record(people: Cast, rounds: int) -> None:
    """So many alerts, answered and closed, and about three times as many logs, contacts, looks and settings."""
    start, nurse = timezone.now() - timedelta(hours=46), people.nurse
    submit = partial(a_log, people)
    for n in range(rounds):
        at = start + timedelta(hours=44 / rounds) * n
        for minutes in (0, 1, 2):
            submit({}, at + timedelta(minutes=minutes))
        alert = raise_for(people.patient, NUMB_SIGN, now=at)
        act_on_alert(staff=nurse, code=alert.code, act=Act("patient", "Rest.", outcome="advised"), now=at)
        for kind in ("note", "not_reached"):
            PatientContact.objects.create(patient=people.patient, staff=nurse, kind=kind, note="Hm.", at=at)
        event = partial(AccessEvent, patient=people.patient, actor=nurse.user, action="opened the chart", at=at)
        AccessEvent.objects.bulk_create([event() for _ in range(3)])
        set_override(
            staff=nurse,
            patient=people.patient,
            procedure=people.procedure,
            key="no_drive_until",
            value="until_cleared",
            reason="Seen.",
            now=at,
        )
        Reminder.objects.create(
            procedure=people.procedure, key=f"n{n}", milestone="M-WALK", state="sent", due_at=at, handled_at=at
        )
    submit(NUMB, timezone.now())


def a_log(people: Cast, changes: dict[str, object], at: datetime) -> None:
    assert people.patient.user
    one = {"entered_by": people.patient.user, "client_id": uuid.uuid4(), "answered_at": at, "now": at}
    whose = {"patient": people.patient, "procedure": people.procedure}
    submit_log(read_log(**whose, **one, answers={**CALM, **changes}))


@override_settings(STAFF_SECOND_FACTOR=False)
@pytest.mark.parametrize(("rounds", "address"), [(1, ""), (ALERTS + 2, ""), (ALERTS + 2, "?whole=1")])
def test_the_chart_costs_at_most_12_however_long_the_record(
    people: Cast, nothing_runs_out: None, rounds: int, address: str
) -> None:
    a_long_record(people, rounds)
    desk, page = browser(people.nurse.user), reverse("recovery:chart", args=[people.patient.code]) + address
    for _ in range(2):
        with CaptureQueriesContext(connection) as context:
            shown = desk.get(page)
    said = [query["sql"] for query in context.captured_queries]
    assert len(shown.context["alerts"]) == (rounds + 1 if address else min(rounds + 1, ALERTS))
    assert shown.context["missing"] == []
    assert len(said) <= 23, said
    assert len([sql for sql in said if not re.search(AROUND, sql)]) <= 12, said
