"""The outbox: write a row, claim it, call the provider outside any transaction, write the result.

A crash at any point leaves a row that is sent again with the same key. A process may write a result only while
its claim token is still on the row.
"""

import logging
import uuid
from collections.abc import Callable, Collection, Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import F, Q

from alerts.clock import ahead, db_now
from alerts.failpoints import failpoint
from alerts.messaging import address_health
from alerts.messaging.channels import CHANNELS, Gone, NotReady, OurFault, PermanentFailure, Sent, TemporaryFailure
from alerts.messaging.message_texts import Text, render
from alerts.models import Alert, AlertEvent, Delivery
from alerts.screens.live_sessions import live_sessions, our_session
from patients.selectors.people import Contact, contactable
from patients.tiers import CALL_911, CALL_DOCTOR_NOW, WATCH

State = Delivery.State
log_lines = logging.getLogger(__name__)

# More than twice the longest call to a provider (settings.SEND_SECONDS). The lease is for a process that hangs;
# one that died is noticed sooner, by its lost database session.
LEASE_SECONDS = 12
# The most rows that one claim takes.
CLAIM_ROWS = 8
# Order of sending. Each urgent alert's first message goes before the second message of any, even a worse one.
# All other messages wait for these.
URGENT_TURNS, OTHER_TURNS = ("behind", "urgency", "due_at", "pk"), ("urgency", "behind", "due_at", "pk")
BACKOFF_FIRST_SECONDS = 1
# The longest wait between tries, by urgency.
BACKOFF_MOST_SECONDS = (30, 120, 300)
# A message that fails after the provider took it is sent as a new one: 30 s, 60 s, 2 min ... later, until send_by.
AGAIN, AGAIN_FIRST_SECONDS = ":again:", 30
NOT_AGAIN = ("contact_code",)
EMAIL_INSTEAD_WITHIN = timedelta(hours=1)
# Tells helpers that the clinic has not contacted the patient yet.
NOBODY_YET = "helper_unanswered"
ASKS_FOR_AN_ANSWER = ("staff_alert", "staff_still")
RESOLVED = Alert.State.RESOLVED
STILL_WANTED = (State.PENDING, State.CLAIMED)
# Channels whose provider sends a receipt after it took a message.
WITH_RECEIPTS = ("sms", "call")
URGENCY = {CALL_911: 0, CALL_DOCTOR_NOW: 1, WATCH: 2}


def urgency_of(tier: str) -> int:
    """The urgency of a tier's messages: 0 (911, sent first), 1 (doctor now) or 2 (all others)."""
    return URGENCY.get(tier, 2)


# --- Write a message ---


def enqueue(
    *,
    key: str,
    channel: str,
    recipient: str,
    message: str,
    now: datetime,
    send_by: datetime,
    due_at: datetime | None = None,
    context: dict[str, Any] | None = None,
    alert: Alert | None = None,
    clinic_id: int | None = None,
    urgency: int = 2,
) -> Delivery:
    """Write one message, or find the row that already has this key. Returns the row.

    context: never health data. clinic_id: the clinic whose managers see the message; an alert's message always
    belongs to the alert's clinic.
    """
    row, _ = Delivery.objects.get_or_create(
        key=key,
        defaults={
            "channel": channel,
            "recipient": recipient,
            "message": message,
            "context": context or {},
            "alert": alert,
            "clinic_id": alert.clinic_id if alert else clinic_id,
            "urgency": urgency,
            "created_at": now,
            "due_at": due_at or now,
            "send_by": send_by,
        },
    )
    return row


def enqueue_many(rows: Iterable[Delivery]) -> None:
    """Write many messages in one statement and skip those whose key exists.

    As in enqueue, an alert's message belongs to the alert's clinic.
    """
    rows = list(rows)
    for row in rows:
        if row.alert:
            row.clinic_id = row.alert.clinic_id
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)


def cancel_for(alert: Alert) -> int:
    """Cancel an answered alert's unsent messages that ask for an answer; a hand-over stays. Returns how many."""
    waiting = Delivery.objects.filter(alert=alert, state=State.PENDING, message__in=ASKS_FOR_AN_ANSWER)
    return waiting.update(state=State.CANCELLED, error="answered")


# --- Claim ---


def claim_due(now: datetime | None = None, limit: int = CLAIM_ROWS, busy: Collection[str] = ()) -> list[Delivery]:
    """Claim up to limit due rows under a lease and return them in order of sending. No two callers get one row.

    Urgent messages first: each alert's first message before the second of any, 911 before doctor-now, then the
    oldest. All others only when no urgent message is due.

    The database's clock decides what is due unless now is given. A row that was written or claimed in the future
    is due too: the clock has been set back. Rows of a busy channel are left out, so that they do not block others.
    """
    token, at = uuid.uuid4(), now or db_now()
    stepped = Q(attempts=0, created_at__gt=ahead(now)) | Q(claimed_at__gt=ahead(now))
    with transaction.atomic():
        due = Delivery.objects.filter(Q(due_at__lte=at) | stepped, state=State.PENDING)
        if busy:
            due = due.exclude(channel__in=busy)
        free = due.select_for_update(skip_locked=True).values_list("pk", flat=True)
        urgent = free.filter(urgency__lt=URGENCY[WATCH]).order_by(*URGENT_TURNS)
        ids = list(urgent[:limit]) or list(free.order_by(*OTHER_TURNS)[:limit])
        if not ids:
            return []
        Delivery.objects.filter(pk__in=ids).update(
            state=State.CLAIMED,
            claim_token=token,
            claimed_at=at,
            claimed_by=our_session(),
            lease_until=at + timedelta(seconds=LEASE_SECONDS),
            attempts=F("attempts") + 1,
        )
    failpoint("after_claim")
    # Filter by id as well as token: the table holds years of messages and has no index on tokens.
    mine = Delivery.objects.filter(pk__in=ids, claim_token=token).select_related("alert")
    return sorted(mine, key=lambda row: ids.index(row.pk))


def reclaim_stuck(now: datetime | None = None) -> int:
    """Make rows pending again that a process claimed before it died or hung past its lease. Returns how many.

    A process that dies loses its database session, so its rows need not wait for the lease to end. A claim in the
    future means that the database's clock was set back: its lease would end too late, so it is taken back too.
    """
    gone = ~Q(claimed_by__in=live_sessions()) & ~Q(claimed_by="")
    over = Q(lease_until__lt=now or db_now()) | Q(claimed_at__gt=ahead(now))
    lost = Delivery.objects.filter(gone | over, state=State.CLAIMED)
    count = lost.update(state=State.PENDING, claim_token=None, lease_until=None, error="its sender is gone")
    if count:
        failpoint("after_reap")
    return count


# --- Send ---


@dataclass(frozen=True)
class Ready:
    """Everything a channel needs to send one message, so that its thread needs no database."""

    row: Delivery
    address: str
    text: Text


def drop(row: Delivery, why: str, now: datetime, *, others_instead: bool) -> str:
    """Do not send a message that nobody wants any more. others_instead: the alert's next step comes at once."""
    return _give_up(row, why, now) if others_instead else _mark(row, State.CANCELLED, error=why)


def prepare(row: Delivery, contact_of: Callable[[str, str], Contact], now: datetime) -> "Ready | str":
    """Check that a message is still wanted and find its address. Returns Ready, or the row's new state."""
    if row.message == "staff_alert" and row.alert and row.alert.state != Alert.State.OPEN:
        return _mark(row, State.CANCELLED, error="answered")
    # Staff reached the patient while this note was being tried: what it says is no longer true.
    if row.message == NOBODY_YET and row.alert and (row.alert.contacted_at or row.alert.state == RESOLVED):
        return _mark(row, State.CANCELLED, error="answered")
    if now >= row.send_by:
        return _give_up(row, "too late", now)
    contact = contact_of(row.recipient, row.channel)
    if not contact.address:
        if contact.stopped or row.channel == "push":
            email_instead(row, now)
        if row.alert_id:
            return _give_up(row, contact.why_not, now)
        return _mark(row, State.CANCELLED, error=contact.why_not)
    try:
        return Ready(row, contact.address, render(row.message, row.context, row.channel, contact.language))
    except Exception as error:  # a broken template must not hold up the others
        return _give_up(row, f"no text: {type(error).__name__}", now)


def email_instead(row: Delivery, now: datetime) -> None:
    """Send a patient's or helper's failed text by e-mail too, and a failed push note by text or e-mail.

    Messages about an alert are left out: their other ways have rows of their own already.
    """
    kind, _, whose = row.recipient.partition(":")
    if row.alert_id or kind not in ("patient", "caregiver") or row.channel not in ("sms", "push"):
        return
    person = f"{kind}:{whose.partition(':')[0]}"
    channel = "sms" if row.channel == "push" and contactable(person, "sms").address else "email"
    enqueue(
        key=f"{row.key}:{channel}",
        channel=channel,
        recipient=person,
        message=row.message,
        context=row.context,
        clinic_id=row.clinic_id,
        urgency=row.urgency,
        now=now,
        send_by=max(row.send_by, now + EMAIL_INSTEAD_WITHIN),
    )


def call(item: Ready) -> Sent | Exception:
    """Call the provider. Returns what it returned or the exception it raised."""
    failpoint("before_send")
    try:
        return CHANNELS[item.row.channel].send(item.address, item.text.subject, item.text.body, item.row.key)
    except Exception as error:
        return error
    finally:
        failpoint("after_send")


def record(row: Delivery, result: Sent | Exception, now: datetime) -> str:
    """Write the result of a call. Returns the row's new state."""
    if isinstance(result, Sent):
        return _record_sent(row, result, now)
    if isinstance(result, PermanentFailure):
        state = _give_up(row, str(result), now)
        if state == State.DEAD and not isinstance(result, NotReady):
            address_health.failed(row, str(result), now, gone=isinstance(result, Gone))
        if state == State.DEAD:
            email_instead(row, now)
        return state
    error = str(result) if isinstance(result, TemporaryFailure) else type(result).__name__
    wait = result.wait_seconds if isinstance(result, TemporaryFailure) else 0
    again_at = now + timedelta(seconds=backoff_seconds(row.attempts, row.urgency, wait))
    if again_at >= row.send_by:
        return _give_up(row, error, now)
    if isinstance(result, OurFault) and row.attempts == 1:
        return _wait_for_us(row, error, again_at, now)
    return _mark(row, State.PENDING, due_at=again_at, error=error[:300])


def _wait_for_us(row: Delivery, error: str, again_at: datetime, now: datetime) -> str:
    """Try again until the operator has repaired our side; the plan's next step comes at once meanwhile."""
    with transaction.atomic():
        hold_alert(row)
        state = _mark(row, State.PENDING, due_at=again_at, error=error[:300])
        if state == State.PENDING:
            next_step_now(row, error, now)
    return state


def _record_sent(row: Delivery, result: Sent, now: datetime) -> str:
    state = State.DELIVERED if result.delivered else State.SENT
    delivered_at = now if result.delivered else None
    taken = {"sent_at": now, "delivered_at": delivered_at, "provider_id": result.provider_id[:120], "error": ""}
    marked = _mark_taken(row, state, taken)
    if result.delivered or row.channel not in WITH_RECEIPTS:
        address_health.arrived(row, now)
    return marked


def _mark_taken(row: Delivery, state: str, taken: dict[str, Any]) -> str:
    """Mark a message as taken; without the provider's id when another message has it already, and log that."""
    try:
        # One statement, committed by itself; inside a caller's block, a savepoint.
        with transaction.atomic() if connection.in_atomic_block else nullcontext():
            return _mark(row, state, **taken)
    except IntegrityError:
        log_lines.error("delivery %s: the provider gave the id of another message", row.pk)
        return _mark(row, state, **{**taken, "provider_id": ""})


def backoff_seconds(attempts: int, urgency: int, wait_seconds: int = 0) -> int:
    """Seconds to the next try: 1, 2, 4 ... or the provider's longer wait; at most 30, 120 or 300 by urgency."""
    most = BACKOFF_MOST_SECONDS[min(urgency, len(BACKOFF_MOST_SECONDS) - 1)]
    return int(min(max(BACKOFF_FIRST_SECONDS * 2 ** min(attempts - 1, 10), wait_seconds), most))


def wait_or_die(row: Delivery, error: str, again_at: datetime) -> str:
    """Make a row wait whose handling raised an error, or mark it dead when again_at is not before its send_by.

    Uses as few fields of the row as possible, because one of them may have caused the error.
    """
    state = State.PENDING if again_at < row.send_by else State.DEAD
    return _mark(row, state, error=error[:300], **({"due_at": again_at} if state == State.PENDING else {}))


def _mark(row: Delivery, state: str, **fields: Any) -> str:
    """Write a result while the claim is still ours. Returns the state; "lost" when another process took over."""
    mine = Delivery.objects.filter(pk=row.pk, claim_token=row.claim_token, state=State.CLAIMED)
    marked = mine.update(state=state, claim_token=None, lease_until=None, **fields)
    return str(state) if marked else "lost"


def again_later(row: Delivery, error: str, now: datetime) -> Delivery | None:
    """Send a message anew that a provider took and then failed for no fault of its address, after a growing wait.

    The copy has a new key, because the provider would ignore the old one. Returns the copy; None when it would
    come after send_by, or when the message is a code that the person must ask for again.
    """
    base, _, number = row.key.partition(AGAIN)
    tries = int(number) + 1 if number.isdigit() else 1
    due_at = now + timedelta(seconds=AGAIN_FIRST_SECONDS * 2 ** min(tries - 1, 10))
    if row.message in NOT_AGAIN or due_at >= row.send_by:
        return None
    copy = enqueue(
        key=f"{base}{AGAIN}{tries}",
        channel=row.channel,
        recipient=row.recipient,
        message=row.message,
        context=row.context,
        alert=row.alert,
        clinic_id=row.clinic_id,
        urgency=row.urgency,
        now=now,
        due_at=due_at,
        send_by=row.send_by,
    )
    Delivery.objects.filter(pk=copy.pk, attempts=0).update(error=error[:300])
    return copy


def hold_alert(row: Delivery) -> None:
    """Lock a message's alert before the message itself: the same order as an answer, so there is no deadlock."""
    if row.alert_id is not None:
        list(Alert.objects.filter(pk=row.alert_id).select_for_update(no_key=True).values_list("pk"))


def _give_up(row: Delivery, error: str, now: datetime) -> str:
    with transaction.atomic():
        hold_alert(row)
        state = _mark(row, State.DEAD, error=error[:300])
        if state == State.DEAD:
            next_step_now(row, error, now)
    return state


def next_step_now(row: Delivery, error: str, now: datetime) -> None:
    """Make the alert's next step due now, because a page cannot arrive; once per step.

    Only while the alert still waits for the step after this page's. Repeats of the last step keep their pace, so
    that a dead mail server does not make the plan spin.
    """
    if row.alert_id is None:
        return
    AlertEvent.objects.create(
        alert_id=row.alert_id, at=now, what="delivery_dead", detail={"delivery": row.pk, "error": error[:300]}
    )
    bring_forward(row.alert_id, row, now)


def bring_forward(alert_id: int, row: Delivery, now: datetime) -> None:
    """Make the step after a page's own due now, while the alert still waits for it."""
    run, step = row.context.get("waits_for", (None, None))
    waiting = Q(state=Alert.State.OPEN, reopened=run, round=0, step=step, next_step_at__gt=now)
    Alert.objects.filter(waiting, pk=alert_id).update(next_step_at=now)
