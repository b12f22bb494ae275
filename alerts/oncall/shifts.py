"""Add, change and remove shifts and overrides of shifts, with the checks that refuse some of this.

Every change is recorded. The people it concerns are told, except the one who made it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from alerts.models import OnCallChange, OnCallShift, ShiftSwap
from alerts.models.refusals import AlertError
from alerts.oncall.gaps import Span
from alerts.oncall.notices import tell
from alerts.oncall.roster import works
from patients.models import Staff
from patients.permissions import Permission, roles_with
from patients.templatetags.kypho import clock, day_and_clock
from patients.values.wall_clock import plus_days

What = OnCallChange.What
CAN_BE_ON_CALL = (*roles_with(Permission.TAKE_FIRST_CALL), *roles_with(Permission.TAKE_SECOND_CALL))
LONGEST_SHIFT = timedelta(days=7)
MOST_WEEKS = 12


@dataclass(frozen=True)
class Wanted:
    """A shift that is asked for: who, and from when until when."""

    person: Staff
    span: Span


def weekly(span: Span, weeks: int, zone: ZoneInfo) -> list[Span]:
    """The span in this week and the following ones, at the same local times even when the clocks change."""
    return [
        Span(plus_days(span.starts_at, 7 * n, zone), plus_days(span.ends_at, 7 * n, zone)) for n in range(weeks)
    ]


def span_words(span: Span, zone: ZoneInfo) -> str:
    """A span in words, such as Wed Jun 10, 7:00 PM to 11:00 PM; with the second day when it differs."""
    start, end = span.starts_at.astimezone(zone), span.ends_at.astimezone(zone)
    until = clock(end) if start.date() == end.date() else day_and_clock(end)
    return f"{day_and_clock(start)} to {until}"


def conflict(wanted: Wanted, besides: int | None = None) -> str:
    """A sentence about another shift of the person in that span; empty when there is none. besides: id to skip."""
    rows = OnCallShift.objects.filter(staff=wanted.person)
    rows = rows.filter(starts_at__lt=wanted.span.ends_at, ends_at__gt=wanted.span.starts_at)
    others = rows.exclude(pk=besides) if besides else rows
    other = others.order_by("starts_at").first()
    if other is None:
        return ""
    words = span_words(Span(other.starts_at, other.ends_at), ZoneInfo(wanted.person.clinic.timezone))
    return f"{wanted.person.name} is on call already: {words}. Choose other times, or change that shift."


def add_shifts(*, by: Staff, person: Staff, spans: Iterable[Span], now: datetime) -> list[OnCallShift]:
    """Add all shifts or none. AlertError when another shift is in the way or the person cannot be on call."""
    _check_person(by, person)
    spans = list(spans)
    with transaction.atomic():
        rows = [save_shift(_row(person, span)) for span in spans]
        change = write_down(by, What.ADDED, now, person, spans[0], weeks=len(spans))
        _tell(change, person)
    return rows


def change_shift(
    *, by: Staff, shift: OnCallShift, person: Staff, span: Span, seen: str, now: datetime
) -> OnCallShift:
    """Give a shift another person or other times. Its open offer is withdrawn.

    seen: version_of the shift that the page showed. AlertError when it has changed since, the times do not fit, or
    the person cannot be on call here.
    """
    _check_person(by, person)
    with transaction.atomic():
        shift = _still(by, shift, seen, now)
        _check_parts(by, shift, person, span)
        before, span_before = shift.staff, Span(shift.starts_at, shift.ends_at)
        was = {
            "was": shift.staff.name,
            "was_from": shift.starts_at.isoformat(),
            "was_to": shift.ends_at.isoformat(),
        }
        shift.staff, shift.role = person, person.role
        shift.starts_at, shift.ends_at = span.starts_at, span.ends_at
        save_shift(shift)
        change = write_down(by, What.CHANGED, now, person, span, **was)
        if (before.pk, span_before) != (person.pk, span):
            _tell(change, before, person)
    return shift


def remove_shift(*, by: Staff, shift: OnCallShift, seen: str, now: datetime) -> None:
    """Remove a shift. Colleagues who took a part of it keep their part. seen: as in change_shift."""
    with transaction.atomic():
        shift = _still(by, shift, seen, now)
        span = Span(shift.starts_at, shift.ends_at)
        change = write_down(by, What.REMOVED, now, shift.staff, span)
        if shift.ends_at > now:
            _tell(change, shift.staff)
        shift.delete()


def take_part(*, by: Staff, shift: OnCallShift, person: Staff, span: Span, now: datetime) -> OnCallShift:
    """Put a colleague on call in a part of a shift, by an override. Returns the override.

    AlertError: the part is not inside the shift, the role differs, or the shift is an override itself.
    """
    _check_person(by, person)
    if shift.replaces_id:
        raise AlertError("This is a part of a shift already. Change or remove it instead.")
    with transaction.atomic():
        shift = _locked(shift)
        _check_part(by, shift, person, span)
        row = save_shift(_row(person, span, replaces=shift))
        change = write_down(by, What.TOOK_PART, now, person, span, instead_of=shift.staff.name)
        _tell(change, shift.staff, person)
    return row


def version_of(shift: OnCallShift) -> str:
    """The person and times of a shift as a text, to notice a change since a page showed it."""
    return f"{shift.staff_id} {shift.starts_at.isoformat()} {shift.ends_at.isoformat()}"


def _still(by: Staff, shift: OnCallShift, seen: str, now: datetime) -> OnCallShift:
    """The shift, locked, if it is as the page showed it; so no save overwrites a colleague's newer change.

    It closes the offers first, because accepting an offer locks in the same order.
    """
    close_offers(shift, now)
    fresh = _locked(shift)
    if version_of(fresh) != seen:
        words = span_words(Span(fresh.starts_at, fresh.ends_at), ZoneInfo(by.clinic.timezone))
        raise AlertError(
            f"This shift has been changed meanwhile: it is {fresh.staff.name}’s now, {words}. "
            "Press the button again to do yours all the same."
        )
    return fresh


def _locked(shift: OnCallShift) -> OnCallShift:
    """The shift, freshly read and locked until the transaction ends."""
    rows = OnCallShift.objects.select_related("staff__user", "replaces__staff__user")
    fresh = rows.select_for_update(of=("self",)).filter(pk=shift.pk).first()
    if fresh is None:
        raise AlertError("This shift has been removed meanwhile.")
    return fresh


def _check_parts(by: Staff, shift: OnCallShift, person: Staff, span: Span) -> None:
    """Refuse a part outside its shift or of another role, and a shift that no longer contains its parts."""
    if shift.replaces:
        _check_part(by, shift.replaces, person, span)
    zone = ZoneInfo(by.clinic.timezone)
    for part in shift.overrides.select_related("staff__user").order_by("starts_at"):
        outside = part.starts_at < span.starts_at or part.ends_at > span.ends_at
        if outside or person.role != part.role:
            words = span_words(Span(part.starts_at, part.ends_at), zone)
            raise AlertError(
                f"{part.staff.name} has a part of this shift: {words}. Change or remove that part first."
            )


def _check_part(by: Staff, shift: OnCallShift, person: Staff, span: Span) -> None:
    """Refuse a part of the same person, of another role, or not inside the shift."""
    if person.pk == shift.staff_id:
        raise AlertError(f"{person.name} has this shift already. Choose somebody else.")
    if person.role != shift.role:
        raise AlertError(f"Choose a {shift.get_role_display().lower()}: this is a {shift.role}’s shift.")
    if span.starts_at < shift.starts_at or span.ends_at > shift.ends_at:
        words = span_words(Span(shift.starts_at, shift.ends_at), ZoneInfo(by.clinic.timezone))
        raise AlertError(f"The part has to lie inside the shift: {words}.")


def close_offers(shift: OnCallShift, now: datetime) -> None:
    """Withdraw the open offers of a shift."""
    offers = ShiftSwap.objects.filter(shift=shift, state=ShiftSwap.State.OFFERED)
    offers.update(state=ShiftSwap.State.WITHDRAWN, answered_at=now)


def write_down(by: Staff, what: str, now: datetime, person: Staff, span: Span, **more: object) -> OnCallChange:
    """Record who changed the week, when and how, with the present names."""
    times = {"from": span.starts_at.isoformat(), "to": span.ends_at.isoformat()}
    detail = {"who": person.name, **times, **more}
    return OnCallChange.objects.create(clinic=by.clinic, at=now, staff=by, what=what, detail=detail)


def _tell(change: OnCallChange, *people: Staff) -> None:
    """Tell each person once, except the one who made the change and people who have left."""
    for person in {person.pk: person for person in people}.values():
        if person.pk != change.staff_id and works(person):
            tell(person, f"oncall-change:{change.pk}", change.at)


def save_shift(row: OnCallShift) -> OnCallShift:
    """Save a shift. AlertError, with a sentence, when the database refuses it because of another shift."""
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        words = conflict(Wanted(row.staff, Span(row.starts_at, row.ends_at)), besides=row.pk)
        raise AlertError(words or "These times do not fit together. Choose other times.") from None
    return row


def _row(person: Staff, span: Span, replaces: OnCallShift | None = None) -> OnCallShift:
    times = {"starts_at": span.starts_at, "ends_at": span.ends_at}
    return OnCallShift(clinic=person.clinic, staff=person, role=person.role, replaces=replaces, **times)


def _check_person(by: Staff, person: Staff) -> None:
    if person.clinic_id != by.clinic_id or not works(person):
        raise AlertError(f"{person.name} does not work here now. Choose somebody else.")
    if person.role not in CAN_BE_ON_CALL:
        raise AlertError("Only nurses and physicians are on call. Choose somebody else.")
