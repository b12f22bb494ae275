"""Whose turn it is: which helpers get the notes while some have handed their job to others."""

from collections.abc import Sequence
from datetime import datetime

from patients.models import Caregiver, HelperTurn
from patients.scoping import rows_of


def turns_now(patient_id: int, now: datetime) -> list[HelperTurn]:
    """Return the turns that count now, with the helpers."""
    rows = rows_of(HelperTurn, patient=patient_id).filter(ended_at__isnull=True, due_at__gt=now)
    return list(rows.select_related("giver", "taker").order_by("began_at", "pk"))


def turns_of(helper: Caregiver, now: datetime) -> list[HelperTurn]:
    """Return the turns that count now and that this helper gave or took."""
    return [one for one in turns_now(helper.patient_id, now) if helper.pk in (one.giver_id, one.taker_id)]


def without_resting(told: Sequence[Caregiver], now: datetime) -> list[Caregiver]:
    """Return those of these helpers who have not handed over to another of them; never nobody.

    One whose taker may help no more, or gets no notes, is told as if they had not handed over.
    """
    if len(told) < 2:
        return list(told)
    known = {helper.pk for helper in told}
    resting = {turn.giver_id for turn in turns_now(told[0].patient_id, now) if turn.taker_id in known}
    return [helper for helper in told if helper.pk not in resting] or list(told)
