"""Managers say whom to tell; nurses read it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from alerts.lifecycle import plan_for, save_plan
from alerts.models import EscalationPolicy
from alerts.policy.plan import DEFAULT_PLANS, Plan, Step
from alerts.policy.policies import version_of
from patients.models import Staff
from tests.alerts.steps import CHEST, fresh, raise_for, shift
from tests.database import FOR_WHOM
from tests.patients.pages import text
from tests.people import Cast, make_mobile, make_staff

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
        (5, "everyone", ["email"]),
    ]
    answer = browser(people.manager).post(POLICY, typed(steps, was=3))
    assert answer.status_code == 302
    assert saved(people) == Plan(
        (
            Step(0, "all_nurses", None, ("board", "email")),
            Step(4, "person", people.physician.pk, ("email", "sms"), "Priya Staff"),
            Step(5, "everyone", None, ("email",)),
        ),
        6,
        12,
    )
    assert plan_for(people.clinic.pk, "call_doctor_now") == DEFAULT_PLANS["call_doctor_now"]
    assert plan_for(people.other_clinic.pk, TIER) == DEFAULT_PLANS[TIER]


def test_each_save_is_kept_with_who_when_and_why_and_the_plan_as_it_was(people: Cast) -> None:
    browser(people.manager).post(POLICY, typed([(0, "everyone", ["sms"])], was=1))
    second = typed([(0, "everyone", ["email"])], was=1, **{f"{TIER}-reason": "The <new> rota"})
    browser(people.manager).post(POLICY, second | {"seen": version_of(people.clinic.pk, TIER)})
    page = text(browser(people.nurse).get(POLICY))
    assert page.index("The &lt;new&gt; rota") < page.index("Fewer people at night")
    assert "0 min: everyone by text" in page
    assert people.manager.name in page
    assert "The &lt;new&gt; rota" not in text(browser(people.other_nurse).get(POLICY))


def test_a_plan_without_a_reason_is_not_saved(people: Cast) -> None:
    answer = browser(people.manager).post(
        POLICY, typed([(0, "manager", ["email"])], was=1, **{f"{TIER}-reason": " "})
    )
    assert "Say why" in text(answer)
    assert not EscalationPolicy.objects.exists()


def test_a_preview_names_who_would_be_told_and_changes_nothing(people: Cast) -> None:
    data = typed([(0, "manager", ["email"]), (4, "everyone", ["email"])], was=2)
    del data["save"]
    page = text(browser(people.manager).post(POLICY, data | {"preview": "1"}))
    assert "manager (Mara Staff) by e-mail" in page
    assert "everyone (Nora Staff, Niles Staff, Priya Staff, Mara Staff) by e-mail" in page
    assert "Not saved yet." in page
    assert not EscalationPolicy.objects.exists()


def test_a_preview_needs_no_reason(people: Cast) -> None:
    data = typed([(0, "manager", ["email"]), (4, "everyone", ["email"])], was=2, **{f"{TIER}-reason": ""})
    del data["save"]
    page = text(browser(people.manager).post(POLICY, data | {"preview": "1"}))
    assert "Not saved yet. This is what you have typed." in page
    assert "manager (Mara Staff) by e-mail" in page
    assert "Say why" not in page
    assert "(optional)" not in page  # to save it, one is needed


def test_what_was_saved_is_said_where_the_page_begins(people: Cast) -> None:
    data = typed([(0, "manager", ["email"]), (4, "everyone", ["email"])], was=2)
    assert browser(people.manager).post(POLICY, data)["Location"] == f"{POLICY}#main"


def test_the_saved_plan_is_a_timeline_of_a_chosen_moment_in_the_clinics_time(people: Cast) -> None:
    at = datetime(2031, 6, 10, 8, 12, tzinfo=UTC)
    shift(people.nurse, at - timedelta(hours=1), 1.25)  # over three minutes after the alert
    make_mobile(people.nurse, "+13125550111")
    page = text(browser(people.nurse).get(f"{POLICY}?at=2031-06-10T03:12"))
    assert "If an alert came Tue Jun 10, 3:12 AM" in page
    assert "nurse on call (Nora Staff) by screen, e-mail and text" in page
    assert "3:15 AM</time> <span>all nurses: Nora Staff by screen, e-mail and text; Niles Staff by screen" in page
    assert "the last step again every 5 minutes, until somebody answers" in page
    now = text(browser(people.nurse).get(POLICY))
    assert "No nurse is on call then: all nurses are told." in now


def test_a_moment_that_can_not_be_read_is_explained_and_kept(people: Cast) -> None:
    page = text(browser(people.nurse).get(f"{POLICY}?at=tomorrow"))
    assert "Choose a date and a time" in page
    assert 'value="tomorrow"' in page


@pytest.mark.parametrize(
    ("steps", "others", "sentence"),
    [
        ([(0, "manager", ["email"]), (61, "everyone", ["email"])], {}, "That is too long."),
        ([(0, "manager", ["email"]), (11, "everyone", ["email"])], {}, "Step 2 waits 11 minutes. Allowed are 1"),
        ([(0, "manager", ["email"]), (0, "everyone", ["email"])], {}, "Step 2 waits 0 minutes. Allowed are 1"),
        (
            [(0, "manager", ["email"]), (8, "manager", ["email"]), (8, "everyone", ["email"])],
            {},
            "comes 16 minutes after the alert. Allowed are at most 15",
        ),
        ([(0, "manager", ["email"])], {}, "The last step has to tell everyone"),
        ([(0, "everyone", ["board"])], {}, "wakes nobody"),
        ([(0, "", ["email"])], {}, "Choose whom to tell"),
        ([(0, "everyone", [])], {}, "Choose at least one way"),
        ([(0, "everyone", ["pigeon"])], {}, "pigeon is not one of the available choices"),
        ([], {}, "A plan needs at least one step."),
        ([(0, "everyone", ["email"])], {f"{TIER}-repeat_minutes": 1}, "too short. Allowed are 2 to 10 minutes"),
        ([(0, "everyone", ["email"])], {f"{TIER}-repeat_minutes": 10**9}, "too long. Allowed are 2 to 10 minutes"),
        ([(0, "everyone", ["email"])], {f"{TIER}-ack_minutes": 16}, "too long. Allowed are 3 to 15 minutes"),
        ([(0, "everyone", ["email"])], {f"{TIER}-ack_minutes": "soon"}, "Write a whole number of minutes."),
        ([(0, "everyone", ["email"])] * 9, {}, "at most 8 forms"),
    ],
)
def test_errors_say_what_is_wrong_and_save_nothing(
    people: Cast, steps: list[Any], others: dict[str, Any], sentence: str
) -> None:
    answer = browser(people.manager).post(POLICY, typed(steps, was=len(steps), **others))
    assert answer.status_code == 200
    assert sentence in text(answer)
    assert not EscalationPolicy.objects.exists()


def test_errors_keep_what_was_typed(people: Cast) -> None:
    answer = browser(people.manager).post(POLICY, typed([(61, "physician", ["sms"])], was=1))
    form = answer.context["editors"][0].rows.forms[0]
    assert (form["wait_minutes"].value(), form["who"].value(), form["channels"].value()) == (
        "61",
        "physician",
        ["sms"],
    )
    assert 'value="physician" selected' in text(answer)


def test_somebody_of_another_clinic_can_not_be_named(people: Cast) -> None:
    steps = [(0, f"person:{people.other_nurse.pk}", ["email"])]
    answer = browser(people.manager).post(POLICY, typed(steps, was=1))
    assert "is not one of the available choices" in text(answer)


def test_somebody_who_left_is_named_and_refused(people: Cast) -> None:
    gone = make_staff(people.clinic, "nurse", first_name="Gwen")
    Staff.objects.filter(pk=gone.pk).update(active=False)
    steps = [(0, f"person:{gone.pk}", ["email"]), (3, "everyone", ["email"])]
    page = text(browser(people.manager).post(POLICY, typed(steps, was=2)))
    assert "Gwen Staff no longer works here, so this step would reach nobody." in page
    assert f'value="person:{gone.pk}" selected' in page
    assert not EscalationPolicy.objects.exists()
    save_plan(people.clinic, TIER, Plan((Step(0, "person", gone.pk), Step(3, "everyone")), 5, 10))
    page = text(browser(people.nurse).get(POLICY))
    assert "This reaches nobody. The next step comes at once." in page


@pytest.mark.parametrize(
    ("do", "who"),
    [
        ("up:1", ["physician", "manager", "everyone"]),
        ("down:1", ["manager", "everyone", "physician"]),
        ("remove:0", ["physician", "everyone"]),
        ("add", ["manager", "physician", "everyone", ""]),
        ("up:0", ["manager", "physician", "everyone"]),
        ("down:2", ["manager", "physician", "everyone"]),
        ("remove:99", ["manager", "physician", "everyone"]),
        ("up:x", ["manager", "physician", "everyone"]),
        ("dance", ["manager", "physician", "everyone"]),
    ],
)
def test_steps_are_moved_added_and_removed_and_nothing_typed_is_lost(
    people: Cast, do: str, who: list[str]
) -> None:
    steps = [(0, "manager", ["email"]), ("soon", "physician", ["sms"]), (3, "everyone", ["email"])]
    data = typed(steps, was=3) | {"do": do}
    del data["save"]
    answer = browser(people.manager).post(POLICY, data)
    editor = answer.context["editors"][0]
    assert [row["who"].value() for row in editor.rows] == who
    assert "Fewer people at night" in text(answer)
    if "remove" not in do:
        assert editor.rows.forms[1]["wait_minutes"].value() == "soon"
    assert not EscalationPolicy.objects.exists()


@pytest.mark.usefixtures("nothing_runs_out")
def test_the_page_costs_at_most_16_statements(people: Cast, django_assert_max_num_queries) -> None:
    for n in range(20):
        make_staff(people.clinic, "nurse", first_name=f"N{n}")
    client = browser(people.manager)
    client.get(POLICY)
    with django_assert_max_num_queries(16 + FOR_WHOM):
        assert client.get(POLICY).status_code == 200


def test_a_running_alert_keeps_its_plan(people: Cast, now: datetime) -> None:
    alert = raise_for(people.patient, CHEST, now=now)
    browser(people.manager).post(POLICY, typed([(0, "everyone", ["email"])], was=1))
    assert Plan.from_json(fresh(alert).plan) == DEFAULT_PLANS[TIER]


def test_nurses_read_and_can_not_save(people: Cast) -> None:
    save_plan(people.clinic, TIER, DEFAULT_PLANS[TIER])
    client = browser(people.nurse)
    page = text(client.get(POLICY))
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
