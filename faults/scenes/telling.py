"""Escalation: whom an alert tells, in which order, how long, and what ends it."""

import uuid

from alerts import lifecycle
from alerts.clock import db_now
from alerts.lifecycle import escalation
from alerts.lifecycle.sms_replies import take_reply
from alerts.messaging import outbox
from alerts.messaging.channels import TemporaryFailure
from alerts.models import Alert, AlertEvent, AlertSign, Delivery
from faults.stage import MINUTE, Stage, elsewhere, states, sweep_at
from patients.models import Staff
from patients.tiers import CALL_911
from tests.people import make_mobile, make_patient, make_procedure
from tests.recovery.conftest import BREATHLESS, NUMB


def among_due_steps_911_is_told_first(stage: Stage) -> None:
    now = db_now()
    stage.log(NUMB)
    late = stage.alert()
    other = make_patient(stage.people.clinic)
    stage.log(BREATHLESS, patient=other, procedure=make_procedure(other), entered_by=other.user)
    Alert.objects.filter(pk=late.pk).update(next_step_at=now - 20 * MINUTE)
    sweep_at()
    told = AlertEvent.objects.filter(what="told").order_by("id")
    assert told.values_list("alert__tier", flat=True)[0] == CALL_911


def five_wrong_codes_by_text_are_the_last(stage: Stage) -> None:
    alert, number, now = stage.red(), "+13125550111", db_now()
    make_mobile(stage.people.nurse, number)
    sweep_at(now)
    alert.refresh_from_db()
    wrong = f"{(int(alert.ack_code) + 1) % 10**6:06}"
    for text in (*[wrong] * 5, alert.ack_code):
        take_reply(provider_id=uuid.uuid4().hex, number=number, text=text, now=db_now())
    assert stage.alert().state == "open"


def a_worse_sign_raises_the_alert_and_starts_its_clock_again(stage: Stage) -> None:
    stage.log(NUMB)
    sweep_at()
    stage.log(BREATHLESS)
    alert = stage.alert()
    assert (alert.tier, alert.step, alert.reopened) == (CALL_911, 0, 1)
    sweep_at()
    assert len(stage.provider.ids) == 4


def nobody_answers_and_people_are_told_again_and_again(stage: Stage) -> None:
    alert, now = stage.red(), db_now()
    for minute in range(31):
        sweep_at(now + minute * MINUTE)
    told = AlertEvent.objects.filter(alert=alert, what="told")
    # 0, 3, 6 and 10 minutes, then every five.
    assert told.count() == 8
    assert Alert.objects.filter(next_step_at__gt=now + 30 * MINUTE).exists()


def an_answer_stops_what_waits_and_what_would_come(stage: Stage) -> None:
    alert, now = stage.red(), db_now()
    stage.provider.failure = TemporaryFailure("busy")
    sweep_at(now)
    escalation.advance_due(now + 3 * MINUTE)
    claimed = outbox.claim_due(now + 4 * MINUTE)
    lifecycle.acknowledge(alert_code=alert.code, staff=stage.people.nurse, now=now + 4 * MINUTE)
    for row in claimed:
        row.refresh_from_db()
    stage.provider.failure = None
    elsewhere(lambda: _send(claimed, now + 4 * MINUTE))
    for minute in range(4, 13):
        sweep_at(now + minute * MINUTE)
    assert stage.provider.ids == []
    assert "pending" not in states()


def _send(claimed: list[Delivery], now: object) -> None:
    from alerts.messaging.dispatch import send_claimed  # noqa: PLC0415 - of the mutated copy

    send_claimed(claimed, now)  # type: ignore[arg-type]


def an_answer_without_a_contact_runs_out(stage: Stage) -> None:
    alert, now = stage.red(), db_now()
    sweep_at(now)
    lifecycle.acknowledge(alert_code=alert.code, staff=stage.people.nurse, now=now + MINUTE)
    sweep_at(now + 12 * MINUTE)
    assert (stage.alert().state, stage.alert().reopened) == ("open", 1)
    assert len(stage.provider.ids) == 4


def a_new_urgent_sign_after_an_answer_asks_again(stage: Stage) -> None:
    stage.log(NUMB)
    lifecycle.acknowledge(alert_code=stage.alert().code, staff=stage.people.nurse, now=db_now())
    stage.log({"fever_feel": "yes", "temp_value": 38.6, "temp_unit": "C"})
    assert AlertSign.objects.count() == 2
    assert stage.alert().state == "open"
    assert sweep_at()["sent"] == 2


def no_message_says_why_or_about_whom(stage: Stage) -> None:
    alert = stage.red()
    sweep_at()
    words = " ".join(text for _, _, text in stage.provider.got).lower()
    patient = stage.people.patient
    secrets = (
        patient.first_name,
        patient.last_name,
        patient.mrn or "?",
        "breath",
        CALL_911,
        "911",
        str(alert.code),
    )
    assert not [secret for secret in secrets if secret.lower() in words]


def with_no_nurse_there_is_still_somebody(stage: Stage) -> None:
    Staff.objects.exclude(role=Staff.Role.MANAGER).update(active=False)
    stage.log(NUMB)  # no step of this plan tells managers
    assert sweep_at()["sent"] == 1
