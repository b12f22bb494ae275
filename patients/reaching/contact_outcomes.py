"""What became of messages to the staff: kept with the address they went to, shown to the person and managers."""

from datetime import datetime

from django.db.models import Q, QuerySet

from patients.models import ContactMethod, Patient, Staff, StoppedNumber, User
from patients.selectors import people

Kind = ContactMethod.Kind


def email_method(user: User, now: datetime) -> ContactMethod:
    """The row of the sign-in e-mail, made when there is something to say about it."""
    row, _ = ContactMethod.objects.get_or_create(
        user=user, kind=Kind.EMAIL, address=user.email, defaults={"verified_at": now}
    )
    return row


def note_failure(recipient: str, channel: str, error: str, since: datetime | None, now: datetime) -> None:
    """A message to staff:ID can never arrive: its address is shown as broken until one arrives again.

    since: when the message was claimed; an address that was verified later is not to blame.
    """
    if channel == Kind.PUSH:
        devices(recipient).update(last_failed_at=now, last_error=error[:300])
        return
    staff = _staff(recipient)
    if staff is None or channel not in Kind.values:
        return
    if channel == Kind.EMAIL and staff.user.email:
        email_method(staff.user, now)
    rows = _rows(staff.user, channel).filter(Q(verified_at__lte=since or now) | Q(kind=Kind.EMAIL))
    rows.update(last_failed_at=now, last_error=error[:300])


def note_success(recipient: str, channel: str, now: datetime) -> None:
    """A message arrived: whatever failed before is over. One statement."""
    kind, _, pk = recipient.partition(":")
    if channel == Kind.PUSH:
        devices(recipient).update(last_used_at=now, last_failed_at=None, last_error="")
    elif kind == "staff" and pk.isdigit() and channel in Kind.values:
        failed = ContactMethod.objects.filter(kind=channel, last_failed_at__isnull=False)
        failed.filter(user__staff_roles=int(pk)).update(last_failed_at=None, last_error="")


def note_stop(recipient: str, channel: str, now: datetime) -> Staff | None:
    """The provider says that this person sent STOP; the person when that is news."""
    staff = _staff(recipient)
    if staff is None:
        return None
    rows = _rows(staff.user, channel).filter(opted_out_at__isnull=True)
    return staff if rows.update(opted_out_at=now) else None


def stop_texts(number: str, now: datetime, why: str = StoppedNumber.Why.STOP) -> None:
    """STOP came from this phone, or the provider says so, or that it takes no texts: nothing more is texted there,
    if anybody here has it."""
    if Patient.all_clinics.filter(phone=number).exists() or User.objects.filter(phone=number).exists():
        StoppedNumber.objects.get_or_create(number=number, defaults={"stopped_at": now, "why": why})


def start_texts(number: str) -> bool:
    """START came from this phone; whether that is news."""
    return bool(StoppedNumber.objects.filter(number=number).delete()[0])


def devices(recipient: str) -> QuerySet[ContactMethod]:
    """The browser of staff:ID:DEVICE, or none."""
    staff, device = people.read_staff(recipient)
    return ContactMethod.objects.filter(pk=device or 0, kind=Kind.PUSH, user__staff_roles=staff or 0)


def _rows(user: User, channel: str) -> QuerySet[ContactMethod]:
    rows = ContactMethod.objects.filter(user=user, kind=channel, verified_at__isnull=False)
    return rows.filter(address=user.email) if channel == Kind.EMAIL else rows


def _staff(recipient: str) -> Staff | None:
    kind, _, pk = recipient.partition(":")
    if kind != "staff" or not pk.isdigit():
        return None
    return Staff.objects.select_related("user").filter(pk=pk).first()
