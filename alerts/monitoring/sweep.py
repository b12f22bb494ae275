"""One whole tick: check the epoch, take back lost claims, escalate, send due messages, write a beat."""

import logging
import time
from datetime import datetime

from alerts.clock import db_now
from alerts.integrity import epochs
from alerts.lifecycle import staff_calls
from alerts.lifecycle.escalation import advance_due, catch_up
from alerts.messaging import outbox
from alerts.messaging.dispatch import Dispatcher
from alerts.models import ProcessBeat
from alerts.screens import live
from patients.trouble import is_away

BATCH = 200
# A tick starts nothing new after this long. Even with calls that hang it ends within 12 s; otherwise a receiver
# that never answers would look like a system that stands still.
BUDGET_SECONDS = 5.0
LOOK_AGAIN_SECONDS = 0.2
log_lines = logging.getLogger(__name__)


def sweep(now: datetime | None = None, *, driver: str = "celery") -> dict[str, int]:
    """Do everything that is due. Returns the counts. Two concurrent sweeps are harmless.

    The database's clock decides what is due unless now is given. driver: celery or watchdog; its beat is written
    only after a complete sweep.
    """
    live.hint_taken()
    # First of all: in records restored from a backup, due work may be due a second time.
    _know_the_epoch(now)
    started = time.monotonic()
    counts = {"advanced": 0, "reclaimed": outbox.reclaim_stuck(now), "sent": 0}
    catch_up(now)
    dispatcher = Dispatcher(why_not=staff_calls.why_not)
    while time.monotonic() - started < BUDGET_SECONDS:
        # A failed page makes its alert's next step due, so both repeat until nothing is due.
        moved = advance_due(now, BATCH)
        rows = outbox.claim_due(now, busy=dispatcher.busy())
        dispatcher.start(rows, now or db_now())
        counts["advanced"] += moved
        counts["sent"] += len(rows)
        if dispatcher.under_way:
            # Wait only a moment for a slow provider, so that other due messages go out meanwhile.
            dispatcher.collect(now, seconds=0 if rows else LOOK_AGAIN_SECONDS)
        elif not moved and not rows:
            break
    dispatcher.leave(now)
    dispatcher.forget_what_is_over()
    beat(f"tick:{driver}", counts, now)
    return counts


def _know_the_epoch(now: datetime | None) -> None:
    """Check the epoch. The sweep goes on when the check fails, as on a host that forbids the question."""
    try:
        epochs.look(now)
    except Exception as error:
        if is_away(error):
            raise
        log_lines.error("the epoch of the records is not known: %s", type(error).__name__)


def beat(name: str, detail: dict[str, object] | dict[str, int], now: datetime | None = None) -> None:
    """Record that a process finished its work now."""
    ProcessBeat.objects.bulk_create(
        [ProcessBeat(name=name, beat_at=now or db_now(), detail=detail)],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["beat_at", "detail"],
    )
