"""The promises of the engine, one short scene each: `python -m faults.scenarios` in a copy of the source.

Each raises AssertionError, or anything else, when its promise is broken. DATABASE_URL names an empty database.
"""

import sys
import uuid
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from threading import Barrier, BrokenBarrierError
from typing import Any
from unittest.mock import patch

import django

django.setup()

from django.db import transaction  # noqa: E402 - settings first
from django.utils import timezone  # noqa: E402

from alerts import escalation, outbox, receipts, services  # noqa: E402
from alerts.channels import PermanentFailure, TemporaryFailure  # noqa: E402
from alerts.clock import db_now  # noqa: E402
from alerts.models import Alert, AlertEvent, AlertSign, Delivery, ProcessBeat, SetAside  # noqa: E402
from alerts.services.replies import take_reply  # noqa: E402
from alerts.watchdog import Watchdog  # noqa: E402
from faults.envelopes import Pen  # noqa: E402
from faults.stage import Crash, Stage, elsewhere, killed_at, sweep_at  # noqa: E402
from patients.models import Staff  # noqa: E402
from recovery import intake, phone_keys, sealed  # noqa: E402
from recovery.models import Assessment, DailyLog, SealedLog  # noqa: E402
from tests.people import make_mobile, make_patient, make_procedure  # noqa: E402
from tests.recovery.conftest import BREATHLESS, CALM, NUMB  # noqa: E402

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def states() -> Counter[str]:
    """The pages by state; the board's own rows aside."""
    return Counter(Delivery.objects.exclude(channel="board").values_list("state", flat=True))


def killed_before_sending_nothing_counts_as_sent(stage: Stage) -> None:
    stage.red()
    with killed_at("before_send"):
        sweep_at()
    assert stage.provider.ids == []
    assert "sent" not in states()
    sweep_at()
    assert len(stage.provider.ids) == 2
    assert states() == {"sent": 2}


def killed_after_sending_the_same_message_is_sent_again(stage: Stage) -> None:
    stage.red()
    with killed_at("after_send"):
        sweep_at()
    sweep_at()
    assert states() == {"sent": 2}
    assert 2 <= len(stage.provider.ids) <= 4
    assert len(set(stage.provider.ids)) == 2


def what_a_dead_process_claimed_is_sent_by_the_next_sweep(stage: Stage) -> None:
    stage.red()
    with killed_at("after_claim"):
        sweep_at()
    assert states() == {"claimed": 2}
    sweep_at()
    assert len(stage.provider.ids) == 2


def a_hanging_process_loses_its_claim_when_the_lease_runs_out_and_not_before(stage: Stage) -> None:
    stage.red()
    escalation.advance_due()
    now = db_now()
    slow = [row for row in outbox.claim_due(now) if row.channel == "email"]
    assert len(slow) == 2
    assert elsewhere(partial(outbox.reclaim_stuck, now + 5 * SECOND)) == 0
    assert elsewhere(partial(outbox.reclaim_stuck, now + 20 * SECOND)) == 2
    assert states() == {"pending": 2}
    sweep_at()
    # The hanging one goes on: its result is worth nothing now.
    assert {outbox.record(row, TemporaryFailure("late"), db_now()) for row in slow} == {"lost"}
    assert states() == {"sent": 2}


def a_late_mark_does_not_touch_the_claim_of_another(stage: Stage) -> None:
    stage.red()
    escalation.advance_due()
    now = db_now()
    slow = outbox.claim_due(now)
    outbox.reclaim_stuck(now + 20 * SECOND)
    other = outbox.claim_due(db_now())
    assert {outbox.record(row, TemporaryFailure("late"), db_now()) for row in slow} == {"lost"}
    assert {row.claim_token for row in Delivery.objects.filter(state="claimed")} == {other[0].claim_token}


def what_one_process_is_taking_the_next_passes_over_without_waiting(stage: Stage) -> None:
    stage.red()
    with transaction.atomic():
        assert escalation.advance_due() == 1
        assert elsewhere(escalation.advance_due) == 0
    # Passed over, not waited for: whoever waits too long is set aside.
    assert not SetAside.objects.exists()
    with transaction.atomic():
        assert outbox.claim_due(db_now())
        assert elsewhere(lambda: outbox.claim_due(db_now())) == []


def among_due_steps_911_is_told_first(stage: Stage) -> None:
    now = db_now()
    stage.log(NUMB)
    late = stage.alert()
    other = make_patient(stage.people.clinic)
    stage.log(BREATHLESS, patient=other, procedure=make_procedure(other), entered_by=other.user)
    Alert.objects.filter(pk=late.pk).update(next_step_at=now - 20 * MINUTE)
    sweep_at()
    told = AlertEvent.objects.filter(what="told").order_by("id")
    assert told.values_list("alert__tier", flat=True)[0] == "call_911"


def a_911_page_is_tried_longer_than_a_minute(stage: Stage) -> None:
    stage.red()
    now = db_now()
    stage.provider.failure = TemporaryFailure("busy")
    sweep_at(now)
    sweep_at(now + 90 * SECOND)
    assert "dead" not in states()
    stage.provider.failure = None
    sweep_at(now + 150 * SECOND)
    assert len(stage.provider.ids) == 2


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
    assert (alert.tier, alert.step, alert.reopened) == ("call_911", 0, 1)
    sweep_at()
    assert len(stage.provider.ids) == 4


def a_provider_that_fails_for_a_moment_is_tried_again_soon(stage: Stage) -> None:
    stage.red()
    stage.provider.failure = TemporaryFailure("busy")
    sweep_at()
    stage.provider.failure = None
    sweep_at(db_now() + 3 * SECOND)
    assert len(stage.provider.ids) == 2


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
    services.acknowledge(alert_code=alert.code, staff=stage.people.nurse, now=now + 4 * MINUTE)
    for row in claimed:
        row.refresh_from_db()
    stage.provider.failure = None
    elsewhere(lambda: _send(claimed, now + 4 * MINUTE))
    for minute in range(4, 13):
        sweep_at(now + minute * MINUTE)
    assert stage.provider.ids == []
    assert "pending" not in states()


def _send(claimed: list[Delivery], now: object) -> None:
    from alerts.dispatch import send_claimed  # noqa: PLC0415 - of the mutated copy

    send_claimed(claimed, now)  # type: ignore[arg-type]


def an_answer_without_a_contact_runs_out(stage: Stage) -> None:
    alert, now = stage.red(), db_now()
    sweep_at(now)
    services.acknowledge(alert_code=alert.code, staff=stage.people.nurse, now=now + MINUTE)
    sweep_at(now + 12 * MINUTE)
    assert (stage.alert().state, stage.alert().reopened) == ("open", 1)
    assert len(stage.provider.ids) == 4


def a_step_and_its_messages_are_written_together_or_not_at_all(stage: Stage) -> None:
    stage.red()
    with patch.object(outbox, "enqueue_many", side_effect=Crash):
        elsewhere(escalation.advance_due)
    sweep_at()
    assert len(stage.provider.ids) == 2
    assert stage.alert().step == 1


def a_sweep_needs_no_hint(stage: Stage) -> None:
    stage.red()
    assert sweep_at()["sent"] == 2  # Redis is away in every scene


def killed_while_judging_leaves_nothing_half_done(stage: Stage) -> None:
    with killed_at("in_judge"):
        elsewhere(lambda: stage.log(BREATHLESS))
    assert DailyLog.objects.count() == 1
    assert not Alert.objects.exists()
    elsewhere(lambda: intake.sweep_unjudged(db_now() + 5 * SECOND))
    assert Assessment.objects.get().alert == stage.alert()
    assert AlertSign.objects.get(sign="em_breath").occurrences == 1


def a_crash_of_the_rules_is_a_persons_task(stage: Stage) -> None:
    with patch.object(intake, "evaluate", side_effect=ZeroDivisionError):
        stage.log(CALM)
        elsewhere(lambda: intake.sweep_unjudged(db_now() + 5 * SECOND))
    assert (stage.alert().tier, Assessment.objects.get().unreadable) == ("call_doctor_now", True)


def a_web_machine_with_a_wrong_clock_delays_nothing(stage: Stage) -> None:
    real = timezone.now
    with patch("django.utils.timezone.now", lambda: real() + timedelta(hours=1)):
        body = {"client_id": str(uuid.uuid4()), "answers": {**CALM, **BREATHLESS}}
        assert stage.phone().post("/api/logs/", body, content_type="application/json").status_code == 201
    assert stage.alert().opened_at <= db_now()  # what lies ahead would be told too, but its age would be wrong
    assert sweep_at()["sent"] == 2


def a_driver_with_a_wrong_clock_is_neither_early_nor_late(stage: Stage) -> None:
    real = timezone.now
    alert = stage.red()
    with patch("django.utils.timezone.now", lambda: real() - timedelta(hours=1)):
        assert sweep_at()["sent"] == 2
    with patch("django.utils.timezone.now", lambda: real() + timedelta(hours=1)):
        assert sweep_at()["sent"] == 0
    assert AlertEvent.objects.filter(alert=alert, what="told").count() == 1


def a_receipt_answers_nothing(stage: Stage) -> None:
    stage.red()
    sweep_at()
    before = stage.alert().next_step_at
    for message_id in stage.provider.ids:
        receipts.record_receipt(channel="email", provider_id=message_id, state="delivered", now=db_now())
    alert = stage.alert()
    assert (alert.state, alert.next_step_at) == ("open", before)


def an_answer_and_its_record_are_one(stage: Stage) -> None:
    alert = stage.red()
    with patch.object(AlertEvent.objects, "create", side_effect=Crash):
        elsewhere(lambda: services.acknowledge(alert_code=alert.code, staff=stage.people.nurse, now=db_now()))
    assert stage.alert().state == "open"
    services.acknowledge(alert_code=alert.code, staff=stage.people.nurse, now=db_now())
    assert AlertEvent.objects.filter(alert=alert, what="acknowledged").count() == 1


def a_new_urgent_sign_after_an_answer_asks_again(stage: Stage) -> None:
    stage.log(NUMB)
    services.acknowledge(alert_code=stage.alert().code, staff=stage.people.nurse, now=db_now())
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
        "call_911",
        "911",
        str(alert.code),
    )
    assert not [secret for secret in secrets if secret.lower() in words]


def a_log_whose_request_died_is_judged_within_seconds(stage: Stage) -> None:
    with killed_at("after_log_commit"):
        elsewhere(lambda: stage.log(BREATHLESS))
    elsewhere(lambda: intake.sweep_unjudged(db_now() + 5 * SECOND))
    assert stage.alert().tier == "call_911"


def an_envelope_whose_request_died_is_opened_within_seconds(stage: Stage) -> None:
    patient = stage.people.patient
    assert patient.user
    key = phone_keys.register(patient.user, Pen("", 1).public, "", db_now())
    with killed_at("after_envelope_commit"):
        elsewhere(lambda: sealed.take(key, sealed.Sealed(uuid.uuid4(), patient.code, "{}"), db_now()))
    elsewhere(lambda: sealed.open_due(db_now() + 5 * SECOND))
    assert SealedLog.objects.get().state == "given"
    assert stage.alert().tier == "call_doctor_now"


def a_page_that_can_never_arrive_brings_the_next_step_forward(stage: Stage) -> None:
    alert = stage.red()
    stage.provider.failure = PermanentFailure("no such box")
    sweep_at()
    assert AlertEvent.objects.filter(alert=alert, what="told").count() == 4


def the_same_id_with_other_words_keeps_both(stage: Stage) -> None:
    same = uuid.uuid4()
    stage.log(client_id=same)
    stage.log(BREATHLESS, client_id=same)
    assert DailyLog.objects.count() == 2
    assert stage.alert().tier == "call_911"


def the_same_log_again_is_one_log(stage: Stage) -> None:
    same = uuid.uuid4()
    stage.log(BREATHLESS, client_id=same)
    stage.log(BREATHLESS, client_id=same)
    assert DailyLog.objects.count() == 1
    assert AlertSign.objects.get(sign="em_breath").occurrences == 1


def what_the_phone_judged_worse_counts(stage: Stage) -> None:
    stage.log(phone_tier="call_911")
    assert stage.alert().tier == "call_911"


def with_no_nurse_there_is_still_somebody(stage: Stage) -> None:
    Staff.objects.exclude(role=Staff.Role.MANAGER).update(active=False)
    stage.log(NUMB)  # no step of this plan tells managers
    assert sweep_at()["sent"] == 1


def the_watchdog_takes_over_within_seconds(stage: Stage) -> None:
    stage.red()
    ProcessBeat.objects.create(name="tick:celery", beat_at=db_now() - 4 * SECOND, detail={})
    Watchdog(sweep=lambda now: sweep_at() and None).run_once()
    assert len(stage.provider.ids) == 2


def three_red_logs_at_once_are_one_alert(stage: Stage) -> None:
    from tests.attacks.at_once import at_once  # noqa: PLC0415

    judge, all_three = intake.evaluate, Barrier(3)

    def together(*args: Any, **more: Any) -> Any:
        """None goes on before all are here; where one holds the door, they never are."""
        with suppress(BrokenBarrierError):
            all_three.wait(timeout=2)
        return judge(*args, **more)

    with patch.object(intake, "evaluate", together):
        at_once(*[partial(stage.log, changes) for changes in (BREATHLESS, NUMB, BREATHLESS)])
    assert Assessment.objects.filter(alert=stage.alert()).count() == 3


SCENES: list[Callable[[Stage], None]] = [
    value
    for name, value in list(globals().items())
    if callable(value)
    and getattr(value, "__module__", "") == __name__
    and "stage" in value.__code__.co_varnames[:1]
]


def main() -> int:
    """Play all; the first broken promise ends it, named on standard output."""
    for scene in SCENES:
        try:
            scene(Stage())
        except BaseException as error:
            print(f"{scene.__name__} ({type(error).__name__})", flush=True)
            if "--trace" in sys.argv:
                raise
            return 1
    print(f"{len(SCENES)} scenes, every promise kept", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
