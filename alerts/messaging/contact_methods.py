"""A member of staff sets how they are reached: add a number, prove it, test it, turn a way off or on."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.crypto import constant_time_compare

from alerts.messaging import outbox
from alerts.messaging.codes import code_from, new_nonce
from alerts.messaging.unreachable_staff import tell_managers
from alerts.models import Delivery
from alerts.models.refusals import AlertError
from alerts.screens import live
from patients.models import ContactMethod, Staff, User
from patients.reaching.contact_outcomes import email_method
from patients.selectors.people import usable_kinds

Kind = ContactMethod.Kind
CODE_LASTS = timedelta(minutes=15)
CODE_TRIES = 5
CODE_PAUSE = timedelta(minutes=1)
CODES_A_DAY = 10
TEST_AGAIN = "A test was sent within this minute already. Look again; to send another, wait a minute."
TEST_LASTS = timedelta(minutes=5)
TAKEN = "Somebody else on a staff uses this number. Use another one, or ask them to change theirs."
NO_CODE = "Ask for a new code: this one has run out, or was typed wrong too often."
WRONG_CODE = "That is not the code we sent last. Check the newest message and try again."
TOO_SOON = "We sent a code a moment ago. Wait a minute, then ask again."
TOO_MANY = "That is enough codes for a day. Try again tomorrow."
# Warns a person who hands alerts over to a colleague whom no message reaches.
SCREEN_ALONE = "Only the screen tells them: no message reaches them right now. Call them, or choose somebody else."


class LastWay(AlertError):
    """Turning this way off would leave only the screen to reach this person."""


def add_number(*, staff: Staff, kind: str, number: str, now: datetime) -> ContactMethod:
    """Add a number (E.164) for texts or calls, and send or say its code there.

    The present number counts until the new one is proved. AlertError: the number is in use already, or too many
    codes were sent.
    """
    others = ContactMethod.objects.filter(kind=kind, address=number, verified_at__isnull=False)
    if others.exclude(user=staff.user).exists():
        raise AlertError(TAKEN)
    if others.exists():
        raise AlertError("This is the number we have already.")
    with transaction.atomic():
        _lock(staff.user)
        ContactMethod.objects.filter(user=staff.user, kind=kind, verified_at__isnull=True).exclude(
            address=number
        ).delete()
        method, _ = ContactMethod.objects.get_or_create(user=staff.user, kind=kind, address=number)
        send_code(staff=staff, method=method, now=now)
    return method


def send_code(*, staff: Staff, method: ContactMethod, now: datetime) -> None:
    """Send a new code, good for 15 minutes and 5 tries; the one before no longer counts.

    A call says it to whoever presses 1. AlertError: a code went the same way within the last minute, or 10 within
    the last day.
    """
    sent = Delivery.objects.filter(key__startswith=f"contact-code:{staff.user_id}:", channel=method.kind)
    if sent.filter(created_at__gt=now - CODE_PAUSE).exists():
        raise AlertError(TOO_SOON)
    if sent.filter(created_at__gt=now - timedelta(days=1)).count() >= CODES_A_DAY:
        raise AlertError(TOO_MANY)
    method.code_nonce, method.code_expires_at, method.code_tries = new_nonce(), now + CODE_LASTS, 0
    method.save(update_fields=["code_nonce", "code_expires_at", "code_tries"])
    outbox.enqueue(
        key=f"contact-code:{staff.user_id}:{method.code_nonce}",
        channel=method.kind,
        recipient=f"contact:{method.pk}",
        message="contact_code",
        context={"nonce": method.code_nonce},
        urgency=0,
        now=now,
        send_by=now + CODE_LASTS,
    )
    transaction.on_commit(live.hint_tick)


def prove(*, staff: Staff, method: ContactMethod, code: str, now: datetime) -> None:
    """Check the typed code. When it is right, this address counts from now on and replaces the one before.

    AlertError: the code is wrong or has run out, or another person has proved this number.
    """
    rows = ContactMethod.objects.filter(pk=method.pk, user=staff.user, verified_at__isnull=True)
    # One statement counts the try before the comparison, so parallel requests get no extra tries.
    waiting = rows.filter(code_expires_at__gt=now, code_tries__lt=CODE_TRIES).exclude(code_nonce="")
    if not waiting.update(code_tries=F("code_tries") + 1):
        raise AlertError(NO_CODE)
    method.refresh_from_db()
    typed = "".join(letter for letter in code if letter.isascii() and letter.isdigit())
    if not constant_time_compare(typed, code_from(method.code_nonce)):
        raise AlertError(WRONG_CODE)
    try:
        with transaction.atomic():
            _lock(staff.user)
            ContactMethod.objects.filter(user=staff.user, kind=method.kind).exclude(pk=method.pk).delete()
            rows.update(verified_at=now, code_nonce="", code_expires_at=None, code_tries=0)
    except IntegrityError:
        # Another person proved the same number at this moment.
        raise AlertError(TAKEN) from None


def forget(*, staff: Staff, kind: str) -> None:
    """Remove a number that was never proved."""
    ContactMethod.objects.filter(user=staff.user, kind=kind, verified_at__isnull=True).delete()


def switch(*, staff: Staff, kind: str, on: bool, sure: bool, now: datetime) -> None:
    """Turn a way on or off. LastWay when no working way would be left and sure is False.

    The managers are told when a person turns off their last working way.
    """
    with transaction.atomic():
        _lock(staff.user)
        if kind == Kind.EMAIL:
            email_method(staff.user, now)
        rows = ContactMethod.objects.filter(user=staff.user, kind=kind, verified_at__isnull=False)
        if on:
            rows.update(disabled_at=None)
            return
        last = not working_kinds(staff.user) - {kind}
        if last and not sure:
            raise LastWay("Nobody could tell you about an alert any more, except on the screen.")
        if rows.filter(disabled_at__isnull=True).update(disabled_at=now) and last:
            tell_managers(staff, kind, now)


def send_test(*, staff: Staff, kind: str, now: datetime, device: int | None = None) -> Delivery:
    """Send a test message through the real outbox. A second test within the same minute is the same message.

    device: the id of one browser; the test then goes to that browser alone.
    """
    which = f":{device}" if device else ""
    row = outbox.enqueue(
        key=f"contact-test:{staff.pk}:{kind}{which}:{now:%Y%m%dT%H%M}",
        channel=kind,
        recipient=f"staff:{staff.pk}{which}",
        message="contact_test",
        clinic_id=staff.clinic_id,
        urgency=1,
        now=now,
        send_by=now + TEST_LASTS,
    )
    transaction.on_commit(live.hint_tick)
    return row


def working_kinds(user: User) -> set[str]:
    """The kinds of contact method that are on and whose last message did not fail."""
    failed = ContactMethod.objects.filter(user=user, last_failed_at__isnull=False).values_list("kind", flat=True)
    return usable_kinds([user])[user.pk] - set(failed)


def _lock(user: User) -> None:
    User.objects.select_for_update(no_key=True).only("pk").get(pk=user.pk)
