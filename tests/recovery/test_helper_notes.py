"""Helpers who may be told hear of an urgent alert at once, and again when nobody was in touch in time."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from alerts.lifecycle.escalation import advance_due
from alerts.messaging.message_texts import render
from alerts.models import Alert, Delivery
from alerts.monitoring.sweep import sweep
from patients.models import Caregiver, Consent, Procedure
from recovery.journey import actions
from tests.people import Cast, make_helper
from tests.recovery.conftest import BREATHLESS, NUMB, Send
from tests.recovery.phone import user_of

MINUTE = timedelta(minutes=1)

CLOCKS = re.compile(rb"\d{1,2}:\d\d [AP]M")


@pytest.fixture
def daughter(people: Cast) -> Caregiver:
    """A helper who may be told."""
    return make_helper(people.patient, may_be_alerted=True)


def notes(helper: Caregiver, **which: str) -> list[tuple[str, str]]:
    """(message, state) of what was written for a helper."""
    rows = Delivery.objects.filter(recipient=f"caregiver:{helper.pk}", **which).order_by("due_at", "id")
    return list(rows.values_list("message", "state"))


def test_an_urgent_alert_writes_one_note_now_and_one_for_later(
    people: Cast, send: Send, daughter: Caregiver
) -> None:
    now = timezone.now()
    send(NUMB, now=now)
    assert notes(daughter) == [("helper_alert", "pending"), ("helper_unanswered", "pending")]
    later = Delivery.objects.get(message="helper_unanswered")
    assert later.due_at == now + 30 * MINUTE
    assert notes(people.helper) == []


def test_bladder_bowel_and_weakness_wait_ten_minutes(send: Send, daughter: Caregiver) -> None:
    now = timezone.now()
    send({"nerve_gate": "some", "bladder": "leak"}, now=now)
    assert Delivery.objects.get(message="helper_unanswered").due_at == now + 10 * MINUTE


@pytest.mark.parametrize("changes", [{}, {"back_stiff": "new_or_worse"}], ids=["calm", "watch"])
def test_nothing_urgent_writes_none(send: Send, daughter: Caregiver, changes: dict[str, str]) -> None:
    send(changes)
    assert notes(daughter) == []


def test_the_same_again_writes_no_second_one_but_an_upgrade_does(send: Send, daughter: Caregiver) -> None:
    send(NUMB)
    send(NUMB)
    assert len(notes(daughter, message="helper_alert")) == 1
    send({**NUMB, **BREATHLESS})
    assert len(notes(daughter, message="helper_alert")) == 2


def test_who_sent_the_log_hears_only_when_nobody_answers(send: Send, daughter: Caregiver) -> None:
    send(NUMB, entered_by=daughter.user)
    assert notes(daughter) == [("helper_unanswered", "pending")]


def test_seen_is_not_enough_but_a_contact_ends_it(people: Cast, send: Send, daughter: Caregiver) -> None:
    send(NUMB)
    now, code = timezone.now(), Alert.objects.get().code
    actions.acknowledge(staff=people.nurse, code=code, now=now)
    actions.record_try(staff=people.nurse, code=code, note="", now=now)
    assert notes(daughter)[1] == ("helper_unanswered", "pending")
    actions.record_contact(staff=people.nurse, code=code, level="contacted", note="x", call_back_by=None, now=now)
    assert notes(daughter)[1] == ("helper_unanswered", "cancelled")


def test_an_outcome_ends_it_too(people: Cast, send: Send, daughter: Caregiver) -> None:
    send(NUMB)
    actions.resolve(
        staff=people.nurse, code=Alert.objects.get().code, outcome="advised", note="", now=timezone.now()
    )
    assert notes(daughter)[1] == ("helper_unanswered", "cancelled")


def _ends(helper: Caregiver) -> None:
    Consent.objects.filter(patient=helper.patient, purpose="helpers").update(withdrawn_at=timezone.now())


@pytest.mark.parametrize(
    "stop",
    [
        _ends,
        lambda helper: Caregiver.objects.filter(pk=helper.pk).update(removed_at=timezone.now()),
        lambda helper: Caregiver.objects.filter(pk=helper.pk).update(expires_at=timezone.now() - MINUTE),
        lambda helper: Caregiver.objects.filter(pk=helper.pk).update(may_be_alerted=False),
    ],
    ids=["agreement ended", "removed", "expired", "no longer told"],
)
def test_rights_are_asked_again_at_the_moment_of_sending(
    send: Send, daughter: Caregiver, mailoutbox: list, stop: Callable[[Caregiver], object]
) -> None:
    now = timezone.now()
    send(NUMB, now=now)
    stop(daughter)
    sweep(now + 31 * MINUTE)
    assert [mail for mail in mailoutbox if daughter.user.email in mail.to] == []


def test_both_go_out_say_only_please_open_and_do_not_hurry_the_plan(
    people: Cast, send: Send, daughter: Caregiver, mailoutbox: list
) -> None:
    now: datetime = timezone.now()
    send(NUMB, now=now)
    sweep(now)
    sweep(now + 30 * MINUTE)
    mails = [mail for mail in mailoutbox if daughter.user.email in mail.to]
    assert [mail.subject for mail in mails] == [
        "Someone you help has a new note",
        "Please check on the person you help",
    ]
    for mail in mails:
        assert "/today/" in mail.body
        assert [word for word in ("Rosa", "numb", "911", "alert", "Cedar") if word in mail.body] == []


def test_a_helper_note_that_dies_leaves_the_plan_as_it_was(send: Send, daughter: Caregiver) -> None:
    now = timezone.now()
    send(NUMB, now=now)
    advance_due(now)
    due = Alert.objects.get().next_step_at
    Caregiver.objects.filter(pk=daughter.pk).update(removed_at=now)
    sweep(now + MINUTE)
    assert Alert.objects.get().next_step_at == due


def test_the_link_leads_to_the_same_strip_as_the_patient_sees(
    people: Cast, send: Send, daughter: Caregiver, client: Client
) -> None:
    send(NUMB)
    assert "/today/" in render("helper_alert", {}).body
    client.force_login(daughter.user)
    mine = client.get("/today/?part=told").content
    client.force_login(user_of(people.patient))
    theirs = client.get("/today/?part=told").content
    assert all(b"We are telling the nurse on call." in b" ".join(one.split()) for one in (mine, theirs))
    assert b"take Rosa to the ER" in b" ".join(mine.split())
    assert CLOCKS.findall(mine) == CLOCKS.findall(theirs) != []
    assert Procedure.objects.count() == 1
