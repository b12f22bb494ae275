"""What the rules, the worklist and the chart ask."""

from datetime import datetime, timedelta

from alerts import selectors, services
from alerts.escalation import advance_due
from tests.alerts.steps import CHEST, FEVER, NUMB, TIRED, fresh, minutes, raise_for
from tests.people import Cast


def test_the_rules_see_one_object_per_sign(people: Cast, now: datetime, django_assert_num_queries) -> None:
    ended_at = now - timedelta(hours=30)
    alert = raise_for(people.patient, NUMB, FEVER, now=now)
    services.acknowledge(alert_code=alert.code, staff=people.nurse, now=now + timedelta(hours=1))
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
    services.resolve(alert=alert, staff=people.nurse, outcome="advised", note="", now=now)

    def statuses(hours: float) -> list[str]:
        found = selectors.alert_objects(people.patient.pk, now, now + timedelta(hours=hours))
        return [item["status"] for item in found]

    assert statuses(168) == ["resolved"]
    assert statuses(168.1) == []


def test_the_active_alert_names_who_took_it(people: Cast, now: datetime) -> None:
    assert selectors.active_alert(people.patient.pk) is None
    alert = raise_for(people.patient, NUMB, now=now)
    services.acknowledge(alert_code=alert.code, staff=people.nurse, now=now)
    active = selectors.active_alert(people.patient.pk)
    assert active
    assert active.acked_by
    assert active.acked_by.name == "Nora Staff"


def test_the_board_shows_alerts_of_its_own_clinic_only(
    people: Cast, now: datetime, django_assert_num_queries
) -> None:
    raise_for(people.patient, NUMB, FEVER, now=now)
    raise_for(people.other_patient, CHEST, now=now)
    both = [people.patient.pk, people.other_patient.pk]
    with django_assert_num_queries(2):
        found = selectors.board_alerts(people.clinic, both)
    assert list(found) == [people.patient.pk]
    assert [sign.sign for sign in found[people.patient.pk].open_signs] == ["numb", "fever"]  # type: ignore[attr-defined]


def test_what_happens_next_is_said_in_the_clinics_own_time(
    people: Cast, now: datetime, django_assert_num_queries
) -> None:
    alert = raise_for(people.patient, CHEST, now=now)
    advance_due(now)
    alert = fresh(alert)
    with django_assert_num_queries(0):
        assert selectors.next_in_words(alert, "America/Chicago") == "all nurses at 10:03"
    services.acknowledge(alert_code=alert.code, staff=people.nurse, now=now)
    assert selectors.next_in_words(fresh(alert), "America/Chicago") == "waits again for everyone at 10:10"
    services.resolve(alert=alert, staff=people.nurse, outcome="advised", note="", now=now)
    assert selectors.next_in_words(fresh(alert), "America/Chicago") == ""


def test_the_history_tells_who_did_what(people: Cast, now: datetime) -> None:
    alert = raise_for(people.patient, TIRED, now=now)
    services.acknowledge(alert_code=alert.code, staff=people.nurse, now=now + minutes(1))
    told = [(event.what, event.staff.name if event.staff else "") for event in selectors.history(alert)]
    assert told == [("opened", ""), ("acknowledged", "Nora Staff")]


def test_the_chart_shows_all_alerts_newest_first(people: Cast, now: datetime, django_assert_num_queries) -> None:
    first = raise_for(people.patient, NUMB, now=now)
    services.resolve(alert=first, staff=people.nurse, outcome="advised", note="", now=now)
    second = raise_for(people.patient, FEVER, now=now + minutes(1))
    with django_assert_num_queries(3):
        found = selectors.alerts_of(people.patient)
    assert [alert.pk for alert in found] == [second.pk, first.pk]
