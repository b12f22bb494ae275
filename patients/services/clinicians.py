"""Decisions only for clinicians: to lift a limit, and to set the day a medicine on hold is started again."""

from collections.abc import Mapping, Set
from datetime import datetime
from typing import Any

from patients.models import Procedure, Staff
from patients.permissions import Permission, may, one_of
from patients.services.errors import NotPossible

SET_AGAIN = "restart_again"
# Fields of the record with the day a medicine on hold is started again.
RESTARTS = frozenset({"thinner_restart_on", "meds_on_hold", SET_AGAIN})
ONLY = f"Only {one_of(Permission.LIFT_LIMITS)}"
NOT_YOURS = f"{ONLY} sets the day a medicine on hold is started again. Ask one of them."
# The field with the time at which that day was set.
SET_AT = "thinner_restart_set_at"


def ends_the_hold(procedure: Procedure | None, record: Mapping[str, Any], fields: Set[str]) -> bool:
    """Return whether this change ends the hold of the blood thinner."""
    held = procedure is not None and procedure.blood_thinner_held
    return held and "blood_thinner_held" in fields and not record.get("blood_thinner_held")


def restarts(
    staff: Staff, procedure: Procedure | None, record: Mapping[str, Any], fields: Set[str], now: datetime
) -> tuple[dict[str, Any], set[str]]:
    """Return the record and its changed fields to store, with the time if a restart day was set, or set again.

    Earlier reasons to hold the medicine back are void then (recovery.state.current_state). Raises NotPossible
    unless a clinician sets the day.
    """
    mine = may(staff, Permission.LIFT_LIMITS)
    if not mine and (fields & RESTARTS or ends_the_hold(procedure, record, fields)):
        raise NotPossible(NOT_YOURS)
    stored = {name: value for name, value in record.items() if name != SET_AGAIN}
    if not fields & {"thinner_restart_on", SET_AGAIN}:
        return stored, set(fields)
    return {**stored, SET_AT: now}, {*fields - {SET_AGAIN}, SET_AT}


def first_record(staff: Staff, record: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Return the record of a new procedure to store, where each filled-in restart day counts as set."""
    stored, _ = restarts(staff, None, record, {name for name in RESTARTS if record.get(name)}, now)
    return stored
