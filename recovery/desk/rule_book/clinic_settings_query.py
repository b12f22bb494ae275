"""Load a clinic's settings for their page: current, planned, proposed and past ones."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from patients.scoping import rows_of
from patients.values.capped_lists import capped
from recovery.models import ClinicSetting
from recovery.settings.clinic_config import COUNTED
from recovery.triage.config import validate_config

HISTORY_MOST = 100


@dataclass(frozen=True)
class ClinicSettings:
    """Rows by their state at one moment. `past` holds all rows, also the current ones, newest first."""

    now: dict[str, ClinicSetting]
    planned: dict[str, ClinicSetting]
    waiting: list[ClinicSetting]
    past: list[ClinicSetting]
    # Settings outside today's bounds, whose default counts instead.
    outside: list[ClinicSetting]
    past_left_out: int = 0


def clinic_settings(clinic_id: int, moment: datetime, history: int = HISTORY_MOST) -> ClinicSettings:
    """Load the settings in three statements: current and planned, proposed, and the newest of the history."""
    rows = rows_of(ClinicSetting, clinic=clinic_id).select_related(
        "proposed_by__user", "signed_by__user", "ended_by__user"
    )
    counts = rows.filter(state__in=COUNTED).exclude(ended_at__lte=moment).order_by("effective_from", "pk")
    # A setting that was replaced before it began is only history.
    live = [row for row in counts if row.ended_at is None or row.ended_at > row.effective_from]
    begun = [row for row in live if row.effective_from <= moment]
    outside = [row for row in begun if validate_config({row.key: row.value})]
    past = capped(rows.order_by("-proposed_at", "-pk"), history)
    return ClinicSettings(
        now={row.key: row for row in begun if row not in outside},
        planned={row.key: row for row in live if row.effective_from > moment},
        waiting=list(rows.filter(state=ClinicSetting.State.PROPOSED).order_by("proposed_at", "pk")),
        past=past.rows,
        past_left_out=past.left_out,
        outside=outside,
    )


def counting_and_waiting(clinic_id: int, moment: datetime) -> tuple[list[ClinicSetting], int]:
    """Return the settings that count at this moment and the number of waiting proposals, in one statement."""
    waits = Q(state=ClinicSetting.State.PROPOSED)
    begun = Q(state__in=COUNTED, effective_from__lte=moment)
    found = rows_of(ClinicSetting, clinic=clinic_id).filter(begun | waits).exclude(ended_at__lte=moment)
    rows = list(found.order_by("key"))
    counting = [row for row in rows if row.state in COUNTED]
    return counting, len(rows) - len(counting)
