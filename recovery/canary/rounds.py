"""Every ten minutes a made-up urgent log goes in by the front door and must be answered within a minute.

The only check that sees an expired certificate, a wrong address, or a sign-in that is broken for everybody.
When the next round is due stands in a row; a round that a restart cut is done again.
"""

import logging
import threading
import time
import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, close_old_connections, transaction

from alerts.clock import db_now
from alerts.models import CanaryRun, Delivery
from recovery.canary import people as canary_people
from recovery.canary.door import DoorClosed, Visitor

FIRST = timedelta(seconds=60)
EVERY, SOONER = timedelta(minutes=10), timedelta(minutes=2)
ANSWER_SECONDS = 60.0
KEPT = timedelta(days=7)
LOOK_SECONDS = 1.0
State = CanaryRun.State
log_lines = logging.getLogger(__name__)


class Canary(threading.Thread):
    """Beside the watchdog's rounds, so that a slow front door holds nothing up."""

    def __init__(self) -> None:
        super().__init__(name="canary", daemon=True)

    def run(self) -> None:
        """Until the process ends; not at all when it is switched off."""
        while settings.CANARY:
            close_old_connections()
            try:
                fly_when_due(db_now())
            except Exception as error:  # a round that fails must not be the last
                log_lines.warning("the canary waits: %s", type(error).__name__)
            time.sleep(LOOK_SECONDS)


def fly_when_due(now: datetime) -> CanaryRun | None:
    """Do the round that is due, if one is; it is over when this returns."""
    run, _ = CanaryRun.objects.get_or_create(state=State.WAITING, defaults={"due_at": now + FIRST})
    if timedelta(0) < run.due_at - now <= EVERY:
        return None  # further away it was written before the clock stepped back, so it is due
    run.client_id, run.sent_at = uuid.uuid4(), now
    run.save(update_fields=["client_id", "sent_at"])
    started = time.monotonic()
    try:
        _fly(run, now, started)
    except DoorClosed as error:
        return _end(run, State.MISSED, str(error))
    except DatabaseError:
        raise
    except Exception as error:  # a canary that stops flying would look like one that is well
        return _end(run, State.MISSED, f"the canary itself failed: {type(error).__name__}")
    if time.monotonic() - started > ANSWER_SECONDS:
        return _end(run, State.MISSED, f"answered after more than {ANSWER_SECONDS:.0f} seconds")
    return _end(run, State.ANSWERED)


def _fly(run: CanaryRun, now: datetime, started: float) -> None:
    people = canary_people.ensure(now)
    assert run.client_id
    assert people.patient.user
    door = settings.CANARY_URL or settings.BASE_URL
    patient, nurse = Visitor(door), Visitor(door)
    patient.sign_in(people.patient.email, people.password(people.patient.user))
    patient.send_log(run.client_id, now)
    patient.sign_out()
    while not _was_told(run):
        if time.monotonic() - started > ANSWER_SECONDS:
            raise DoorClosed("no message reached the canary's nurse")
        time.sleep(LOOK_SECONDS)
    nurse.sign_in(people.nurse.user.email, people.password(people.nurse.user), people.totp_secret)
    if not nurse.take_and_close():
        raise DoorClosed("the alert is not on the board")
    nurse.sign_out()


def _was_told(run: CanaryRun) -> bool:
    """Has the page of this log's alert arrived: on the board, and at the mail server when there is a mailbox?"""
    channel = "email" if settings.CANARY_EMAIL else "board"
    arrived = (Delivery.State.SENT, Delivery.State.DELIVERED)
    rows = Delivery.objects.filter(channel=channel, state__in=arrived, created_at__gte=run.sent_at)
    return rows.filter(alert__assessments__log__client_id=str(run.client_id)).exists()


def _end(run: CanaryRun, state: str, error: str = "") -> CanaryRun:
    """Over: the next one is due, and old rounds go."""
    now = db_now()
    if error:
        log_lines.error("the canary was not answered: %s", error)
    with transaction.atomic():
        run.state, run.ended_at, run.error = state, now, error[:120]
        run.save(update_fields=["state", "ended_at", "error"])
        CanaryRun.objects.create(due_at=now + (SOONER if error else EVERY))
        CanaryRun.objects.filter(due_at__lt=now - KEPT).exclude(state=State.WAITING).delete()
    return run
