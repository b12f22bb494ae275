"""Whose page it is costs the same however many patients there are: by indexes, never by reading everybody."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from patients import access
from patients.models import User
from patients.selectors.people import phone_of_clinic, writers
from tests.people import Cast, cast, make_helper

USERS = """
INSERT INTO patients_user (username, email, password, first_name, last_name, is_superuser, is_staff, is_active,
                           date_joined, phone_verified)
SELECT 'many' || n, 'many' || n || '@example.org', '!', 'Many', 'People', false, false, true, now(), false
FROM generate_series(%(start)s::int, %(end)s::int) n
"""
PATIENTS = """
INSERT INTO patients_patient (code, clinic_id, user_id, first_name, last_name, birth_date, phone, email, timezone,
    language, temp_unit, card_token, enrolled_at, nurse_priority, work_rank, waiting_since, last_log_tier)
SELECT gen_random_uuid(), %(clinic)s, u.id, u.first_name, u.last_name, '1950-01-01',
    '+1312' || lpad(substr(u.username, 5), 7, '0'), u.email,
    'America/Chicago', 'en', 'F', gen_random_uuid(), now(), '', 90, now(), ''
FROM patients_user u WHERE u.username LIKE 'many%%'
    AND substr(u.username, 5)::int BETWEEN %(start)s AND %(end)s
"""
HELPERS = """
INSERT INTO patients_caregiver (patient_id, user_id, relationship, may_log, may_be_alerted, created_at)
SELECT p.id, p.user_id, 'x', true, false, now() FROM patients_patient p
JOIN patients_user u ON u.id = p.user_id
WHERE u.username LIKE 'many%%' AND substr(u.username, 5)::int BETWEEN %(start)s AND %(end)s AND p.id %% 5 = 0
"""


@pytest.fixture
def people(db: None) -> Cast:
    people = cast()
    # A daughter who is a patient herself.
    make_helper(people.other_patient, email="rosa-helps@example.org")
    return people


def grow(people: Cast, start: int, end: int) -> None:
    """So many more patients, each with a sign-in, and every fifth with a helper."""
    known = {"start": start, "end": end, "clinic": people.other_clinic.pk}
    with connection.cursor() as cursor:
        for statement in (USERS, PATIENTS, HELPERS):
            cursor.execute(statement, known)
        cursor.execute("ANALYZE patients_user, patients_patient, patients_caregiver")


def plan_of(user: User) -> dict[str, Any]:
    """How the database finds the people of a page, with the pages it read."""
    request = RequestFactory().get("/today/")
    request.user = user
    with CaptureQueriesContext(connection) as asked:
        access.reachable(request)
    [statement] = [one["sql"] for one in asked]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}")
        found = cursor.fetchone()[0]
    plan: dict[str, Any] = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    return plan


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)


def read(plan: dict[str, Any]) -> int:
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


@pytest.mark.parametrize("who", ["patient", "helper"])
@pytest.mark.slow
def test_whose_page_it_is_costs_the_same_for_a_thousand_and_a_hundred_thousand(people: Cast, who: str) -> None:
    user = people.patient.user if who == "patient" else people.helper.user
    assert user
    grow(people, 1, 1_000)
    few = read(plan_of(user))
    grow(people, 1_001, 100_000)
    plan = plan_of(user)
    big = ("patients_patient", "patients_caregiver", "patients_user")
    scanned = [one for one in nodes(plan) if one["Node Type"] == "Seq Scan" and one["Relation Name"] in big]
    assert scanned == []
    assert read(plan) <= min(few + 10, 40), (few, read(plan))


@pytest.mark.parametrize("asks", [phone_of_clinic, lambda number: writers(number, timezone.now())])
def test_whose_phone_it_is_is_found_by_indexes(people: Cast, asks: Any) -> None:
    grow(people, 1, 20_000)
    with CaptureQueriesContext(connection) as asked:
        asks("+13120000777")
    assert asked
    for one in asked:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (FORMAT JSON) {one['sql']}")
            found = cursor.fetchone()[0]
        plan = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
        big = ("patients_patient", "patients_user")
        assert not [n for n in nodes(plan) if n["Node Type"] == "Seq Scan" and n["Relation Name"] in big], one


def test_the_newest_patient_with_a_phone_or_a_helper_names_the_clinic(people: Cast) -> None:
    grow(people, 1, 3)
    assert phone_of_clinic("+13120000002") == people.other_clinic.phone.as_national
    assert people.helper.user.phone is None or phone_of_clinic(str(people.helper.user.phone))
    assert phone_of_clinic("+13129999999") == phone_of_clinic("") == ""


def test_a_person_sees_themself_and_those_they_help_once_each(people: Cast) -> None:
    user = people.patient.user
    assert user
    both = make_helper(people.other_patient)
    type(both).objects.filter(pk=both.pk).update(user=user)
    request = RequestFactory().get("/today/")
    request.user = user
    assert [one.pk for one in access.reachable(request)] == [people.patient.pk, people.other_patient.pk]
    type(both).objects.filter(pk=both.pk).update(expires_at=timezone.now())
    assert [one.pk for one in access.reachable(request)] == [people.patient.pk]
