"""What a new clinic still has to do: each line from the rows themselves, for managers alone, until all is done."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from alerts.models import Delivery, EscalationPolicy, EscalationStep, OnCallShift
from patients.models import Clinic, MedicalLead, Staff
from recovery.desk.worklist.day_one import day_one
from tests.patients.pages import signed_in, text
from tests.people import make_clinic, make_patient, make_procedure, make_staff

TITLE = "Before this clinic watches over patients"
LINES = {
    "factor": "Set up your second factor",
    "person": "Add a second person",
    "number": "The clinic’s phone and after-hours number",
    "mail": "Send yourself a test e-mail",
    "text": "Send yourself a test text",
    "plan": "Check whom the escalation plan tells",
    "week": "Plan the on-call week",
    "lead": "Name the medical lead",
    "patient": "Enroll the first patient",
}


@pytest.fixture
def manager(db: None, settings: Any) -> Staff:
    settings.STAFF_SECOND_FACTOR = False
    return make_staff(make_clinic(), Staff.Role.MANAGER)


def done(manager: Staff) -> set[str]:
    fresh = Staff.objects.select_related("clinic").get(pk=manager.pk)
    return {line.words for line in day_one(fresh) if line.done}


def a_test_was(clinic: Clinic, manager: Staff, channel: str, state: str = "sent") -> None:
    now = timezone.now()
    known = {"recipient": f"staff:{manager.pk}", "message": "contact_test", "clinic": clinic, "state": state}
    times = {"created_at": now, "due_at": now, "send_by": now + timedelta(minutes=5), "sent_at": now}
    Delivery.objects.create(key=f"contact-test:{manager.pk}:{channel}:{state}", channel=channel, **known, **times)


def shift(clinic: Clinic, nurse: Staff) -> None:
    now = timezone.now()
    OnCallShift.objects.create(clinic=clinic, staff=nurse, starts_at=now, ends_at=now + timedelta(hours=8))


def factor(manager: Staff) -> None:
    Authenticator.objects.create(user=manager.user, type=Authenticator.Type.TOTP, data={})


def number(clinic: Clinic) -> None:
    Clinic.objects.filter(pk=clinic.pk).update(after_hours_phone="+13125550199")


def lead(clinic: Clinic, manager: Staff, physician: Staff) -> None:
    MedicalLead.objects.create(clinic=clinic, staff=physician, named_by=manager, named_at=timezone.now())


def everything(manager: Staff) -> list[tuple[str, Callable[[], Any]]]:
    """What is done on day one, in order, and which line it is."""
    clinic = manager.clinic
    people: dict[str, Staff] = {}

    def hire() -> None:
        people["nurse"] = make_staff(clinic)

    def doctor() -> None:
        people["physician"] = make_staff(clinic, Staff.Role.PHYSICIAN)

    return [
        ("factor", lambda: factor(manager)),
        ("person", hire),
        ("number", lambda: number(clinic)),
        ("mail", lambda: a_test_was(clinic, manager, "email")),
        ("text", lambda: a_test_was(clinic, manager, "sms", "delivered")),
        ("plan", doctor),
        ("week", lambda: shift(clinic, people["nurse"])),
        ("lead", lambda: lead(clinic, manager, people["physician"])),
        ("patient", lambda: make_patient(clinic)),
    ]


def test_each_line_is_done_by_its_own_rows_and_the_last_takes_the_list_away(manager: Staff) -> None:
    expected: set[str] = set()
    assert [line.words for line in day_one(manager)] == list(LINES.values())
    steps = everything(manager)
    for key, do in steps[:-1]:
        assert done(manager) == expected
        do()
        expected.add(LINES[key])
    assert done(manager) == expected
    client = signed_in(manager)
    assert TITLE in text(client.get("/desk/"))
    steps[-1][1]()
    assert TITLE not in text(client.get("/desk/"))


def test_another_clinics_rows_do_nothing_here(manager: Staff) -> None:
    other = make_staff(make_clinic("Birch Spine Clinic"), Staff.Role.MANAGER)
    for _, do in everything(other):
        do()
    assert done(manager) == set()


@pytest.mark.parametrize("state", ["pending", "dead", "cancelled"])
def test_a_test_that_did_not_leave_is_none(manager: Staff, state: str) -> None:
    a_test_was(manager.clinic, manager, "email", "pending")
    Delivery.objects.update(state=state)
    assert LINES["mail"] not in done(manager)


def test_a_plan_that_tells_a_role_nobody_has_says_which(manager: Staff) -> None:
    [line] = [one for one in day_one(manager) if one.words == LINES["plan"]]
    assert line.why == "A step tells nobody: no nurse and no physician works here yet."
    policy = EscalationPolicy.objects.create(clinic=manager.clinic, tier="call_911")
    EscalationStep.objects.create(policy=policy, position=0, audience="manager", channels=["email"])
    assert LINES["plan"] in done(manager)


def test_people_who_left_count_for_nothing(manager: Staff) -> None:
    clinic = manager.clinic
    physician = make_staff(clinic, Staff.Role.PHYSICIAN)
    lead(clinic, manager, physician)
    assert {LINES["person"], LINES["lead"]} <= done(manager)
    Staff.objects.filter(pk=physician.pk).update(active=False)
    assert not {LINES["person"], LINES["lead"]} & done(manager)


@pytest.mark.parametrize("role", [Staff.Role.NURSE, Staff.Role.PHYSICIAN])
def test_only_managers_see_it_and_others_are_asked_nothing(manager: Staff, role: str) -> None:
    person = make_staff(manager.clinic, role)
    assert TITLE not in text(signed_in(person).get("/desk/"))
    with CaptureQueriesContext(connection) as spent:
        assert day_one(person) == []
    assert len(spent) == 0


def test_it_takes_one_statement_and_every_line_to_do_leads_to_a_page(manager: Staff) -> None:
    with CaptureQueriesContext(connection) as spent:
        found = day_one(manager)
    assert len(spent) == 1
    client = signed_in(manager)
    for line in found:
        assert line.address or line.why
        if line.address and "accounts" not in line.address:
            assert client.get(line.address).status_code == 200, line.address
    assert TITLE not in text(client.get("/desk/rows/"))


def test_it_is_open_while_the_list_is_empty_and_folded_as_soon_as_somebody_is_on_it(manager: Staff) -> None:
    client = signed_in(manager)
    assert '<details class="day-one" open>' in text(client.get("/desk/"))
    make_procedure(make_patient(manager.clinic))
    assert '<details class="day-one">' in text(client.get("/desk/"))
