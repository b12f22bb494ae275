"""The whole tick, whoever drives it: know the epoch, escalate, take back claims, send what is due, prove it."""

import logging
import time
from datetime import datetime

from alerts.clock import db_now
from alerts.integrity import epochs
from alerts.lifecycle.escalation import advance_due, catch_up
from alerts.messaging import outbox
from alerts.messaging.dispatch import Dispatcher
from alerts.models import ProcessBeat
from alerts.screens import live
from patients.trouble import is_away

BATCH = 200
# One tick begins nothing new after so long. Also with calls that hang until they are given up it is over in less
# than 12 s: else a receiver that says nothing would look like a system that stands still.
BUDGET_SECONDS = 5.0
LOOK_AGAIN_SECONDS = 0.2
log_lines = logging.getLogger(__name__)


def sweep(now: datetime | None = None, *, driver: str = "celery") -> dict[str, int]:
    """Do everything that is due; the counts. Two at once are harmless. driver: celery or watchdog.

    Due by the database's clock unless now is given. The beat row is written only after a complete sweep.
    """
    live.hint_taken()
    # Before anything else: what is due may be due a second time, in records that were restored from a backup.
    _know_the_epoch(now)
    started = time.monotonic()
    counts = {"advanced": 0, "reclaimed": outbox.reclaim_stuck(now), "sent": 0}
    catch_up(now)
    dispatcher = Dispatcher()
    while time.monotonic() - started < BUDGET_SECONDS:
        # A page that cannot arrive brings its alert's next step forward: so both again, until nothing is due.
        moved = advance_due(now, BATCH)
        rows = outbox.claim_due(now, busy=dispatcher.busy())
        dispatcher.start(rows, now or db_now())
        counts["advanced"] += moved
        counts["sent"] += len(rows)
        if dispatcher.under_way:
            # While a slow provider thinks, whatever else becomes due goes out.
            dispatcher.collect(now, seconds=0 if rows else LOOK_AGAIN_SECONDS)
        elif not moved and not rows:
            break
    dispatcher.leave(now)
    dispatcher.forget_what_is_over()
    beat(f"tick:{driver}", counts, now)
    return counts


def _know_the_epoch(now: datetime | None) -> None:
    """A database that does not say who it is (its host may forbid the question) is no reason to tell nobody."""
    try:
        epochs.look(now)
    except Exception as error:
        if is_away(error):
            raise
        log_lines.error("the epoch of the records is not known: %s", type(error).__name__)


def beat(name: str, detail: dict[str, object] | dict[str, int], now: datetime | None = None) -> None:
    """Write down that a process finished its work just now."""
    ProcessBeat.objects.bulk_create(
        [ProcessBeat(name=name, beat_at=now or db_now(), detail=detail)],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["beat_at", "detail"],
    )
