"""Notes with each address of staff whether messages arrive there; staff and managers see it."""

from datetime import datetime

from django.db.models import Q, QuerySet

from patients.models import ContactMethod, Patient, Staff, StoppedNumber, User
from patients.selectors.devices import devices_named

Kind = ContactMethod.Kind


def email_method(user: User, now: datetime) -> ContactMethod:
    """Return the contact method of the sign-in e-mail; makes it if there is none."""
    row, _ = ContactMethod.objects.get_or_create(
        user=user, kind=Kind.EMAIL, address=user.email, defaults={"verified_at": now}
    )
    return row


def note_failure(recipient: str, channel: str, error: str, since: datetime | None, now: datetime) -> None:
    """Mark an address of staff:ID as broken, because a message cannot arrive there, until one arrives again.

    since: when the message was claimed; an address that was verified later is not marked.
    """
    if channel == Kind.PUSH:
        devices_named(recipient).update(last_failed_at=now, last_error=error[:300])
        return
    staff = _staff(recipient)
    if staff is None or channel not in Kind.values:
        return
    if channel == Kind.EMAIL and staff.user.email:
        email_method(staff.user, now)
    rows = _rows(staff.user, channel).filter(Q(verified_at__lte=since or now) | Q(kind=Kind.EMAIL))
    rows.update(last_failed_at=now, last_error=error[:300])


def note_success(recipient: str, channel: str, now: datetime) -> None:
    """Clear earlier failures of an address, because a message arrived there; one statement."""
    kind, _, pk = recipient.partition(":")
    if channel == Kind.PUSH:
        devices_named(recipient).update(last_used_at=now, last_failed_at=None, last_error="")
    elif kind == "staff" and pk.isdigit() and channel in Kind.values:
        failed = ContactMethod.objects.filter(kind=channel, last_failed_at__isnull=False)
        failed.filter(user__staff_roles=int(pk)).update(last_failed_at=None, last_error="")


def note_stop(recipient: str, channel: str, now: datetime) -> Staff | None:
    """Note that this member of staff sent STOP, as the provider says; returns them if that is new, else None."""
    staff = _staff(recipient)
    if staff is None:
        return None
    rows = _rows(staff.user, channel).filter(opted_out_at__isnull=True)
    return staff if rows.update(opted_out_at=now) else None


def stop_texts(number: str, now: datetime, why: str = StoppedNumber.Why.STOP) -> None:
    """Stop all texts to this number, if a patient or user here has it.

    The phone sent STOP, or the provider says that it did or that the number takes no texts.
    """
    if Patient.all_clinics.filter(phone=number).exists() or User.objects.filter(phone=number).exists():
        StoppedNumber.objects.get_or_create(number=number, defaults={"stopped_at": now, "why": why})


def start_texts(number: str) -> bool:
    """Allow texts to this number again after START; returns whether they had been stopped."""
    return bool(StoppedNumber.objects.filter(number=number).delete()[0])


def _rows(user: User, channel: str) -> QuerySet[ContactMethod]:
    rows = ContactMethod.objects.filter(user=user, kind=channel, verified_at__isnull=False)
    return rows.filter(address=user.email) if channel == Kind.EMAIL else rows


def _staff(recipient: str) -> Staff | None:
    kind, _, pk = recipient.partition(":")
    if kind != "staff" or not pk.isdigit():
        return None
    return Staff.objects.select_related("user").filter(pk=pk).first()
