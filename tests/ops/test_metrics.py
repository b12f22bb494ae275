"""/metrics: who may read it, what it says, what it costs."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from alerts.models import OnCallShift
from alerts.monitoring.sweep import beat
from patients.models import Clinic, Patient
from recovery.journey import actions
from tests.people import Cast, cast, make_clinic, make_patient, make_procedure
from tests.recovery.conftest import BREATHLESS, NUMB, Send, people, send

__all__ = ["people", "send"]
# Two of them say for whom: one asks for the name of the transaction, one is signed with it.
MOST_STATEMENTS = 34


def numbers() -> dict[tuple[str, ...], float]:
    """Every sample by its name and label values."""
    text = Client(HTTP_HOST="localhost").get("/metrics").content.decode()
    families = text_string_to_metric_families(text)
    return {(s.name, *s.labels.values()): s.value for family in families for s in family.samples}


@pytest.mark.parametrize(
    ("token", "request_headers", "status"),
    [
        ("", {}, 200),
        ("", {"REMOTE_ADDR": "203.0.113.9"}, 404),
        ("", {"HTTP_X_FORWARDED_FOR": "203.0.113.9"}, 404),
        ("", {"HTTP_X_FORWARDED_FOR": "127.0.0.1", "REMOTE_ADDR": ""}, 200),
        ("", {"HTTP_X_FORWARDED_FOR": "127.0.0.1, 203.0.113.9"}, 404),
        ("", {"HTTP_HOST": "testserver"}, 404),
        ("secret", {}, 404),
        ("secret", {"HTTP_AUTHORIZATION": "Bearer wrong"}, 404),
        ("secret", {"HTTP_AUTHORIZATION": "Bearer secret", "REMOTE_ADDR": "203.0.113.9"}, 200),
    ],
)
def test_metrics_are_for_this_machine_or_for_whoever_shows_the_token(
    db: None, settings: Any, token: str, request_headers: dict[str, str], status: int
) -> None:
    settings.METRICS_TOKEN = token
    assert Client(HTTP_HOST="localhost").get("/metrics", **request_headers).status_code == status


def test_what_the_front_refused_is_a_number_too(db: None) -> None:
    said = {"HTTP_X_FRONT_REFUSED": "413=2, 503=41, x=9, 50=1"}
    page = Client(HTTP_HOST="localhost").get("/metrics", **said).content.decode()
    assert 'kypho_front_refused{status="503"} 41.0' in page
    assert page.count("kypho_front_refused{") == 2


def test_the_numbers_tell_of_logs_alerts_messages_and_processes(people: Cast, send: Send) -> None:
    now = timezone.now()
    sent = send(NUMB)
    send({})
    assert sent.assessment
    assert sent.assessment.alert
    beat("tick:celery", {}, now - timedelta(seconds=7))
    actions.acknowledge(staff=people.nurse, code=sent.assessment.alert.code, now=timezone.now())
    OnCallShift.objects.create(
        clinic=people.clinic, staff=people.nurse, starts_at=now, ends_at=now + timedelta(hours=3)
    )
    found = numbers()
    assert found["kypho_logs_received_day",] == 2
    assert found["kypho_logs_judged_day", "call_doctor_now"] >= 1
    assert found["kypho_logs_unjudged",] == 0
    assert found["kypho_alerts_active", "acked", "call_doctor_now"] == 1
    assert found["kypho_alerts_week", "seen", "call_doctor_now"] == 1
    assert 7 <= found["kypho_process_age_seconds", "tick:celery"] < 30
    assert found["kypho_promise_broken", "roster-has-no-gap"] == 1
    assert found["kypho_promise_broken", "alerts-move"] == 0
    assert found["kypho_deliveries_day", "sms", "dead"] == 0


def test_nothing_in_it_names_a_person_or_a_clinic(people: Cast, send: Send) -> None:
    send(BREATHLESS)
    text = Client(HTTP_HOST="localhost").get("/metrics").content.decode()
    names = [name for clinic in Clinic.objects.all() for name in clinic.name.split()]
    names += [*Patient.all_clinics.values_list("first_name", flat=True), people.nurse.name, "@"]
    assert [name for name in names if name in text] == []


def test_the_canary_counts_nowhere(people: Cast, send: Send) -> None:
    Clinic.objects.filter(pk=people.clinic.pk).update(is_canary=True)
    send(NUMB)
    found = numbers()
    assert found["kypho_logs_received_day",] == 0
    assert [key for key in found if key[0] == "kypho_alerts_active"] == []


def test_a_scrape_costs_the_same_however_many_clinics_there_are(
    db: None, django_assert_max_num_queries: Any
) -> None:
    cast()
    for number in range(20):
        make_procedure(make_patient(make_clinic(name=f"Clinic {number}")))
    with django_assert_max_num_queries(MOST_STATEMENTS):
        assert Client(HTTP_HOST="localhost").get("/metrics").status_code == 200
