"""Every ten minutes the canary sends a made-up urgent log over HTTP and must have it answered within a minute.

This is the only check that finds an expired certificate, a wrong address or a broken sign-in. A row says when the
next round is due; a round that a restart interrupted is repeated.
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
    """A thread next to the watchdog, so that a slow web server does not delay the watchdog's rounds."""

    def __init__(self) -> None:
        super().__init__(name="canary", daemon=True)

    def run(self) -> None:
        """Do the rounds until the process ends; return at once when the canary is switched off."""
        while settings.CANARY:
            close_old_connections()
            try:
                fly_when_due(db_now())
            except Exception as error:  # one failed round must not end the thread
                log_lines.warning("the canary waits: %s", type(error).__name__)
            time.sleep(LOOK_SECONDS)


def fly_when_due(now: datetime) -> CanaryRun | None:
    """Do one whole round and return its row; None when no round is due."""
    run, _ = CanaryRun.objects.get_or_create(state=State.WAITING, defaults={"due_at": now + FIRST})
    if timedelta(0) < run.due_at - now <= EVERY:
        return None  # a later time was written before the clock stepped back, so that round is due
    run.client_id, run.sent_at = uuid.uuid4(), now
    run.save(update_fields=["client_id", "sent_at"])
    started = time.monotonic()
    try:
        _fly(run, now, started)
    except DoorClosed as error:
        return _end(run, State.MISSED, str(error))
    except DatabaseError:
        raise
    except Exception as error:  # without this row a broken canary would look healthy
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
    """Return whether the alert's message arrived: at the mail server with a mailbox, on the board without one."""
    channel = "email" if settings.CANARY_EMAIL else "board"
    arrived = (Delivery.State.SENT, Delivery.State.DELIVERED)
    rows = Delivery.objects.filter(channel=channel, state__in=arrived, created_at__gte=run.sent_at)
    return rows.filter(alert__assessments__log__client_id=str(run.client_id)).exists()


def _end(run: CanaryRun, state: str, error: str = "") -> CanaryRun:
    """End the round, plan the next one, and delete old rounds."""
    now = db_now()
    if error:
        log_lines.error("the canary was not answered: %s", error)
    with transaction.atomic():
        run.state, run.ended_at, run.error = state, now, error[:120]
        run.save(update_fields=["state", "ended_at", "error"])
        CanaryRun.objects.create(due_at=now + (SOONER if error else EVERY))
        CanaryRun.objects.filter(due_at__lt=now - KEPT).exclude(state=State.WAITING).delete()
    return run
