"""What the hot pages may ask of the database, with all around them: session, person, transaction, and for whom.

To begin a transaction, to say for whom it works and to end it count as statements.
"""

import json
import uuid
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from patients.models import User
from tests.people import Cast, cast, make_patient, make_procedure
from tests.recovery.conftest import CALM, NUMB

pytestmark = pytest.mark.django_db(transaction=True)
Count = Callable[[Callable[[], object]], int]


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


@override_settings(STAFF_SECOND_FACTOR=False)
def test_the_chart_costs_at_most_27_beside_the_record_of_the_look(people: Cast, count: Count) -> None:
    phone = browser(people.patient.user)
    phone.post("/log/", {**CALM, **NUMB, "client_id": str(uuid.uuid4())})
    desk = browser(people.nurse.user)
    assert count(lambda: desk.get(reverse("recovery:chart", args=[people.patient.code]))) <= 27
