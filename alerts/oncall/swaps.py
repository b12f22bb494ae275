"""Swaps: a person offers their own shift to a colleague. Nothing changes until the colleague accepts."""

from datetime import datetime

from django.db import IntegrityError, transaction

from alerts.models import OnCallChange, OnCallShift, ShiftSwap
from alerts.models.refusals import AlertError
from alerts.oncall.gaps import Span
from alerts.oncall.notices import tell
from alerts.oncall.roster import works
from alerts.oncall.shifts import Wanted, close_offers, conflict, save_shift, write_down
from patients.models import Staff

State = ShiftSwap.State
NOT_OPEN = "This offer is not open any more."


def offer(*, shift: OnCallShift, by: Staff, to_staff: Staff, now: datetime) -> ShiftSwap:
    """Offer a shift to a colleague of the same role, who gets a message that only says “please open”.

    AlertError: the shift is another person's, over, or offered already, or the colleague cannot take it.
    """
    if shift.staff_id != by.pk:
        raise AlertError("You can only offer a shift of your own.")
    if shift.ends_at <= now:
        raise AlertError("This shift is over.")
    if to_staff.pk == by.pk or not _fits(to_staff, shift):
        raise AlertError(f"Choose a colleague who is a {shift.role}.")
    if words := conflict(Wanted(to_staff, Span(max(shift.starts_at, now), shift.ends_at))):
        raise AlertError(words)
    times = {"starts_at": shift.starts_at, "ends_at": shift.ends_at, "offered_at": now}
    try:
        with transaction.atomic():
            swap = ShiftSwap.objects.create(
                clinic=by.clinic, shift=shift, from_staff=by, to_staff=to_staff, **times
            )
            _tell(swap, to_staff, now)
    except IntegrityError:
        raise AlertError("You have offered this shift already. Take that offer back first.") from None
    return swap


def accept(*, swap_pk: int, staff: Staff, now: datetime) -> OnCallShift:
    """Take an offered shift, or the rest of it when it has begun. Returns the shift; the swap is recorded.

    AlertError: the offer is closed, or the shift has changed, is over or is for another role.
    """
    with transaction.atomic():
        swap = _open_offer(swap_pk, to_staff=staff)
        shift = OnCallShift.objects.select_for_update(of=("self",)).select_related("staff__user").get(swaps=swap)
        as_offered = (shift.staff_id, shift.starts_at, shift.ends_at)
        if as_offered != (swap.from_staff_id, swap.starts_at, swap.ends_at):
            raise AlertError("The shift has changed since it was offered. Ask for a new offer.")
        if shift.ends_at <= now:
            raise AlertError("This shift is over.")
        if not _fits(staff, shift):
            raise AlertError(f"Only a {shift.role} can take this shift.")
        _answer(swap, State.ACCEPTED, now)
        taken = _give(shift, staff, now)
        span = Span(taken.starts_at, taken.ends_at)
        write_down(staff, OnCallChange.What.SWAPPED, now, staff, span, instead_of=swap.from_staff.name)
        _tell(swap, swap.from_staff, now)
    return taken


def _give(shift: OnCallShift, staff: Staff, now: datetime) -> OnCallShift:
    """Give a shift to a colleague. A shift that has begun is cut now; overrides that go on move to the rest."""
    if shift.starts_at < now:
        rest = OnCallShift(clinic=shift.clinic, staff=staff, role=shift.role, starts_at=now, ends_at=shift.ends_at)
        shift.ends_at = now
        save_shift(shift)
        save_shift(rest)
        shift.overrides.filter(ends_at__gt=now).update(replaces=rest)
        return rest
    shift.staff = staff
    return save_shift(shift)


def decline(*, swap_pk: int, staff: Staff, now: datetime) -> None:
    """Decline an offer: the owner keeps the shift and is told. AlertError when the offer is closed."""
    with transaction.atomic():
        swap = _open_offer(swap_pk, to_staff=staff)
        _answer(swap, State.DECLINED, now)
        _tell(swap, swap.from_staff, now)


def take_back(*, shift: OnCallShift, staff: Staff, now: datetime) -> None:
    """Take back one's own offer. AlertError when the shift is another person's."""
    if shift.staff_id != staff.pk:
        raise AlertError("You can only take back an offer of your own.")
    close_offers(shift, now)


def open_offers(clinic_id: int) -> list[ShiftSwap]:
    """The open offers of a clinic, earliest shift first. One query."""
    rows = ShiftSwap.objects.filter(clinic_id=clinic_id, state=State.OFFERED, shift__isnull=False)
    return list(rows.select_related("from_staff__user", "to_staff__user").order_by("starts_at"))


def _open_offer(pk: int, *, to_staff: Staff) -> ShiftSwap:
    rows = ShiftSwap.objects.select_for_update(of=("self",)).select_related("from_staff__user")
    swap = rows.filter(pk=pk, to_staff=to_staff, state=State.OFFERED, shift__isnull=False).first()
    if swap is None:
        raise AlertError(NOT_OPEN)
    return swap


def _answer(swap: ShiftSwap, state: str, now: datetime) -> None:
    swap.state, swap.answered_at = state, now
    swap.save(update_fields=["state", "answered_at"])


def _fits(staff: Staff, shift: OnCallShift) -> bool:
    return staff.clinic_id == shift.clinic_id and staff.role == shift.role and works(staff)


def _tell(swap: ShiftSwap, staff: Staff, now: datetime) -> None:
    tell(staff, f"swap:{swap.pk}:{swap.state}", now)
