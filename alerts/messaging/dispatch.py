"""Sending: a few parallel calls per channel, so that a slow provider holds up no other channel.

Threads call the providers and use no database. The thread of the sweep reads and marks the rows, and marks each
result as soon as it arrives.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime
from functools import cache

from django.db import transaction

from alerts.clock import db_now
from alerts.failpoints import failpoint
from alerts.messaging import outbox
from alerts.messaging.addresses import where_to
from alerts.messaging.channels import NoTexts, OptedOut, Sent, TemporaryFailure
from alerts.messaging.unreachable_staff import note_no_texts, note_opted_out
from alerts.models import Delivery, SetAside
from alerts.sweeping.one_by_one import Row, Work, forget, put_aside

# Parallel calls per channel. A sweep claims rows only for channels with a free call, so a row waits two rounds at
# most.
AT_ONCE = 8
# How long the end of a sweep waits for running calls: a little longer than one call may take.
PATIENCE_SECONDS = 6.0
MESSAGES = Work("messages", "A message", again_seconds=(5, 60))
Result = Sent | Exception
# The reason why a message is not wanted any more (empty: it is), and whether others must be told instead.
WhyNot = Callable[[Delivery, datetime], tuple[str, bool]]


class Dispatcher:
    """The running calls of one sweep. states: the new state of each row that is done, by row id."""

    def __init__(self, why_not: WhyNot = lambda row, now: ("", False)) -> None:
        self._why_not = why_not
        self._pools: dict[str, ThreadPoolExecutor] = {}
        self._calls: dict[Future[Result], Delivery] = {}
        self.states: dict[int, str] = {}

    def start(self, rows: Sequence[Delivery], now: datetime) -> None:
        """Prepare each claimed row, then call its provider without waiting for the result."""
        contact_of = cache(where_to)  # one nurse may have many messages in a batch
        for row in rows:
            try:
                with transaction.atomic():
                    item = self._unwanted(row, now) or outbox.prepare(row, contact_of, now)
            except Exception as error:
                item = self._put_aside(row, error, now)
            if isinstance(item, outbox.Ready):
                self._calls[self._pool(row.channel).submit(outbox.call, item)] = row
            else:
                self.states[row.pk] = item

    def _unwanted(self, row: Delivery, now: datetime) -> str:
        """The state of a message that is not wanted any more; empty when it is."""
        why, others_instead = self._why_not(row, now)
        return outbox.drop(row, why, now, others_instead=others_instead) if why else ""

    @property
    def under_way(self) -> int:
        """The number of calls without a result."""
        return len(self._calls)

    def busy(self) -> list[str]:
        """The channels that have no free call right now."""
        counts = Counter(row.channel for row in self._calls.values())
        return [channel for channel, count in counts.items() if count >= AT_ONCE]

    def collect(self, now: datetime | None, *, seconds: float) -> None:
        """Wait at most this many seconds for a first result, then mark all results. now: else the database's."""
        done, _ = wait(self._calls, timeout=seconds, return_when=FIRST_COMPLETED)
        for call in done:
            self._mark(self._calls.pop(call), call.result(), now)

    def leave(self, now: datetime | None) -> None:
        """Wait PATIENCE_SECONDS for the running calls. A call without an answer is retried under the same key."""
        until = time.monotonic() + PATIENCE_SECONDS
        while self._calls and time.monotonic() < until:
            self.collect(now, seconds=max(until - time.monotonic(), 0))
        for row in self._calls.values():
            self._mark(row, TemporaryFailure("no answer in time"), now)
        self._calls.clear()
        for pool in self._pools.values():
            pool.shutdown(wait=False, cancel_futures=True)

    def _mark(self, row: Delivery, result: Result, now: datetime | None) -> None:
        at = now or db_now()
        try:
            with transaction.atomic():
                self.states[row.pk] = outbox.record(row, result, at)
        except Exception as error:
            self.states[row.pk] = self._put_aside(row, error, at)
        failpoint("after_mark")
        if self._calls:
            failpoint("mid_batch")
        if isinstance(result, OptedOut):
            note_opted_out(row, at)
        if isinstance(result, NoTexts):
            note_no_texts(row, at)

    def _put_aside(self, row: Delivery, error: Exception, now: datetime) -> str:
        """Set one message aside after an error, so that the others go on. Returns its new state."""
        patient_id = row.alert.patient_id if row.alert else None
        again_at = put_aside(MESSAGES, Row(row.pk, row.clinic_id, patient_id), error, now)
        return outbox.wait_or_die(row, f"set aside: {type(error).__name__}", again_at)

    def forget_what_is_over(self) -> None:
        """Remove the notes on messages that were set aside and have since been sent, given up or cancelled."""
        known = dict(SetAside.objects.filter(sweep=MESSAGES.name).values_list("pk", "row"))
        if known:
            open_ones = Delivery.objects.filter(pk__in=known.values(), state__in=outbox.STILL_WANTED)
            forget(MESSAGES, sorted(set(known.values()) - set(open_ones.values_list("pk", flat=True))))

    def _pool(self, channel: str) -> ThreadPoolExecutor:
        if channel not in self._pools:
            self._pools[channel] = ThreadPoolExecutor(AT_ONCE, thread_name_prefix=f"send-{channel}")
        return self._pools[channel]


def send_claimed(rows: Sequence[Delivery], now: datetime) -> list[str]:
    """Send claimed rows and wait for their results. Returns the new states in the same order."""
    dispatcher = Dispatcher()
    dispatcher.start(rows, now)
    dispatcher.leave(now)
    return [dispatcher.states[row.pk] for row in rows]
