"""What the rules and the journey ask."""

from datetime import datetime, timedelta

from alerts import lifecycle
from alerts.lifecycle import selectors
from tests.alerts.steps import FEVER, NUMB, raise_for
from tests.people import Cast


def test_the_rules_see_one_object_per_sign(people: Cast, now: datetime, django_assert_num_queries) -> None:
    ended_at = now - timedelta(hours=30)
    alert = raise_for(people.patient, NUMB, FEVER, now=now)
    lifecycle.acknowledge(alert_code=alert.code, staff=people.nurse, now=now + timedelta(hours=1))
    with django_assert_num_queries(1):
        numb, fever = selectors.alert_objects(people.patient.pk, ended_at, now)
    assert fever["sign"] == "fever"
    assert numb == {
        "sign": "numb",
        "tier": "call_doctor_now",
        "opened_hours": 30.0,
        "status": "open",
        "ack": "seen",
        "ack_hours": 31.0,
        "snapshot": {"regions": ["numb_legs"]},
    }


def test_a_resolved_sign_counts_for_168_hours(people: Cast, now: datetime) -> None:
    alert = raise_for(people.patient, NUMB, now=now)
    lifecycle.resolve(alert=alert, staff=people.nurse, outcome="advised", note="", now=now)

    def statuses(hours: float) -> list[str]:
        found = selectors.alert_objects(people.patient.pk, now, now + timedelta(hours=hours))
        return [item["status"] for item in found]

    assert statuses(168) == ["resolved"]
    assert statuses(168.1) == []


def test_the_active_alert_names_who_took_it(people: Cast, now: datetime) -> None:
    assert selectors.active_alert(people.patient.pk) is None
    alert = raise_for(people.patient, NUMB, now=now)
    lifecycle.acknowledge(alert_code=alert.code, staff=people.nurse, now=now)
    active = selectors.active_alert(people.patient.pk)
    assert active
    assert active.acked_by
    assert active.acked_by.name == "Nora Staff"
