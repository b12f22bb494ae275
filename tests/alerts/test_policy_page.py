"""Managers say whom to tell; nurses read it."""

from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from alerts.models import EscalationPolicy
from alerts.plan import DEFAULT_PLANS, Plan, Step
from alerts.services import plan_for, save_plan
from patients.models import Staff
from tests.alerts.steps import CHEST, fresh, raise_for
from tests.people import Cast

POLICY = "/desk/policy/"
TIER = "call_911"
ROWS = f"{TIER}-steps"


def browser(staff: Staff) -> Client:
    """Signed in."""
    client = Client()
    client.force_login(staff.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def typed(steps: list[tuple[Any, str, list[str]]], *, was: int = 4, **others: Any) -> dict[str, Any]:
    """What the browser sends: steps as (minutes, who, channels)."""
    data: dict[str, Any] = {
        "tier": TIER,
        f"{TIER}-repeat_minutes": 6,
        f"{TIER}-ack_minutes": 12,
        f"{TIER}-reason": "Fewer people at night",
        f"{ROWS}-TOTAL_FORMS": len(steps),
        f"{ROWS}-INITIAL_FORMS": was,
        "save": "1",
    }
    for number, (wait_minutes, who, channels) in enumerate(steps):
        data |= {
            f"{ROWS}-{number}-wait_minutes": wait_minutes,
            f"{ROWS}-{number}-who": who,
            f"{ROWS}-{number}-channels": channels,
        }
    return data | others


def saved(people: Cast) -> Plan:
    """The plan alerts would get now."""
    return plan_for(people.clinic.pk, TIER)


def test_a_manager_saves_a_plan(people: Cast) -> None:
    steps = [
        (0, "all_nurses", ["board", "email"]),
        (4, f"person:{people.physician.pk}", ["email", "sms"]),
        (5, "", ["board", "email", "sms", "push"]),  # the empty row at the end
    ]
    answer = browser(people.manager).post(POLICY, typed(steps, was=2))
    assert answer.status_code == 302
    assert saved(people) == Plan(
        (
            Step(0, "all_nurses", None, ("board", "email")),
            Step(4, "person", people.physician.pk, ("email", "sms"), "Priya Staff"),
        ),
        6,
        12,
    )
    assert plan_for(people.clinic.pk, "call_doctor_now") == DEFAULT_PLANS["call_doctor_now"]
    assert plan_for(people.other_clinic.pk, TIER) == DEFAULT_PLANS[TIER]


def test_each_save_is_kept_with_who_when_and_why_and_the_plan_as_it_was(people: Cast) -> None:
    browser(people.manager).post(POLICY, typed([(0, "all_nurses", ["board"])], was=1))
    second = typed([(0, "manager", ["email"])], was=1, **{f"{TIER}-reason": "The <new> rota"})
    browser(people.manager).post(POLICY, second)
    page = browser(people.nurse).get(POLICY).content.decode()
    assert page.index("The &lt;new&gt; rota") < page.index("Fewer people at night")
    assert "0 min: all nurses by board" in page
    assert people.manager.name in page
    assert "The &lt;new&gt; rota" not in browser(people.other_nurse).get(POLICY).content.decode()


def test_a_plan_without_a_reason_is_not_saved(people: Cast) -> None:
    answer = browser(people.manager).post(
        POLICY, typed([(0, "manager", ["email"])], was=1, **{f"{TIER}-reason": " "})
    )
    assert "Say why" in answer.content.decode()
    assert not EscalationPolicy.objects.exists()


def test_the_page_says_the_plan_in_words(people: Cast) -> None:
    page = browser(people.nurse).get(POLICY).content.decode()
    assert "0 min: nurse on call by board, e-mail, SMS and push" in page
    assert "3 min: all nurses by board, e-mail, SMS and push" in page
    assert "then the last step again every 5 min, until somebody answers" in page


def test_a_preview_changes_nothing(people: Cast) -> None:
    data = typed([(0, "manager", ["email"])], was=1)
    del data["save"]
    page = browser(people.manager).post(POLICY, data | {"preview": "1"}).content.decode()
    assert "0 min: manager by e-mail" in page
    assert "Not saved yet." in page
    assert not EscalationPolicy.objects.exists()


@pytest.mark.parametrize(
    ("steps", "others", "sentence"),
    [
        ([(0, "manager", ["email"]), (61, "manager", ["email"])], {}, "less than or equal to 60"),
        ([(0, "", ["email"])], {}, "Choose whom to tell"),
        ([(0, "manager", [])], {}, "Choose at least one way"),
        ([(0, "manager", ["pigeon"])], {}, "pigeon is not one of the available choices"),
        ([(0, "manager", ["email"])], {f"{ROWS}-0-DELETE": "on"}, "A plan needs at least one step."),
        ([(0, "manager", ["email"])], {f"{TIER}-repeat_minutes": 0}, "greater than or equal to 1"),
        ([(0, "manager", ["email"])], {f"{TIER}-ack_minutes": "soon"}, "Enter a whole number."),
        ([(0, "manager", ["email"])] * 9, {}, "at most 8 forms"),
    ],
)
def test_errors_say_what_is_wrong_and_save_nothing(
    people: Cast, steps: list[Any], others: dict[str, Any], sentence: str
) -> None:
    answer = browser(people.manager).post(POLICY, typed(steps, was=len(steps), **others))
    assert answer.status_code == 200
    assert sentence in answer.content.decode()
    assert not EscalationPolicy.objects.exists()


def test_errors_keep_what_was_typed(people: Cast) -> None:
    answer = browser(people.manager).post(POLICY, typed([(61, "physician", ["sms"])], was=1))
    form = answer.context["editors"][0].rows.forms[0]
    assert (form["wait_minutes"].value(), form["who"].value(), form["channels"].value()) == (
        "61",
        "physician",
        ["sms"],
    )
    assert 'value="physician" selected' in answer.content.decode()


def test_somebody_of_another_clinic_can_not_be_named(people: Cast) -> None:
    steps = [(0, f"person:{people.other_nurse.pk}", ["email"])]
    answer = browser(people.manager).post(POLICY, typed(steps, was=1))
    assert "is not one of the available choices" in answer.content.decode()


def test_a_running_alert_keeps_its_plan(people: Cast, now: datetime) -> None:
    alert = raise_for(people.patient, CHEST, now=now)
    browser(people.manager).post(POLICY, typed([(0, "manager", ["email"])], was=1))
    assert Plan.from_json(fresh(alert).plan) == DEFAULT_PLANS[TIER]


def test_nurses_read_and_can_not_save(people: Cast) -> None:
    save_plan(people.clinic, TIER, DEFAULT_PLANS[TIER])
    client = browser(people.nurse)
    page = client.get(POLICY).content.decode()
    assert "Only a manager can change this page." in page
    assert "Save this plan" not in page
    assert client.post(POLICY, typed([(0, "manager", ["email"])], was=1)).status_code == 403
    assert saved(people) == DEFAULT_PLANS[TIER]


def test_strangers_and_patients_find_no_page(people: Cast) -> None:
    assert Client().get(POLICY).status_code == 302
    client = Client()
    assert people.patient.user
    client.force_login(people.patient.user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(POLICY).status_code == 404
