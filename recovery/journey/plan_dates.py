"""The days of the plan that staff set on the chart: restart of a blood thinner, brace, therapy, next visit.

The day stands in the record; who set it, when and why is a note on the chart, stored with it or not at all.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from patients.models import Patient, Procedure, Staff
from patients.services.records import save_days
from patients.templatetags.kypho import day_and_clock
from recovery.journey.kept_contacts import keep
from recovery.models import PatientContact

THINNER, BRACE, THERAPY, VISIT = "thinner", "brace", "therapy", "visit"
TITLES = {
    THINNER: "Blood thinner",
    BRACE: "Brace",
    THERAPY: "Physical therapy",
    VISIT: "Next visit",
}
# Between what was set and the reason, in the note on the chart.
WHY = " Why: "


def set_day(
    *,
    staff: Staff,
    patient: Patient,
    procedure: Procedure,
    about: str,
    record: dict[str, Any],
    fields: set[str],
    reason: str,
    now: datetime,
    seen: int | None,
) -> None:
    """Store the changed fields and the note that says who, when and why.

    NotPossible and ChangedMeanwhile as for patients.services.records.save_days; AlertError without access.
    """
    zone = ZoneInfo(staff.clinic.timezone)
    before = {name: getattr(procedure, name, None) for name in record}
    said = f"{TITLES[about]}: {in_words(about, record, zone)}. Before: {in_words(about, before, zone)}."
    with transaction.atomic():
        # The note first: it locks the person, then the patient, as every other action does.
        keep(
            staff=staff,
            patient=patient,
            kind=PatientContact.Kind.NOTE,
            note=f"{said}{WHY}{reason}",
            now=now,
            about=about,
        )
        save_days(
            staff=staff, patient=patient, procedure=procedure, record=record, fields=fields, now=now, seen=seen
        )


def in_words(about: str, values: Mapping[str, Any], zone: ZoneInfo) -> str:
    """Return what is set, such as "starts Dec 3, 2026"; "none" or the like when nothing is. zone: the clinic's."""
    match about:
        case "thinner":
            day = values.get("thinner_restart_on")
            return f"start again {_day(day)}" if day else "on hold, no day to start again"
        case "brace":
            return _on(values.get("brace_prescribed"), "until", values.get("brace_until"), "on, without an end")
        case "therapy":
            return _on(values.get("pt_ordered"), "starts", values.get("pt_start_on"), "ordered, no day yet")
        case _:
            at, who = values.get("next_visit_at"), values.get("next_visit_with")
            return f"{day_and_clock(at.astimezone(zone))}{f' with {who}' if who else ''}" if at else "none"


def reason_of(note: str) -> str:
    """Return the reason in a note of set_day."""
    return note.partition(WHY)[2]


def _on(is_on: Any, word: str, day: date | None, without: str) -> str:
    if not is_on:
        return "none"
    return f"{word} {_day(day)}" if day else without


def _day(day: date) -> str:
    return f"{day:%b} {day.day}, {day.year}"
