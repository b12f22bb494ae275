"""Work that fell due for a patient and failed, shown on the worklist and on the chart."""

import time
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from alerts.lifecycle.selectors import set_aside_of_clinic
from alerts.models import SetAside
from patients.models import Patient, Staff
from recovery.desk.desk_words import clock_words
from recovery.sweeps import EVERY_WORK

# Each process caches the answer this long for each clinic, so that many open boards do not query many times.
KEPT_SECONDS = 10.0
# How many are shown; the others are folded on the same page.
SHOWN = 5
WORDS = {work.name: work.words for work in EVERY_WORK}


@dataclass(frozen=True)
class Still:
    """One patient (None: the clinic itself), the work that failed for them, and since when."""

    name: str
    code: UUID | None
    what: str
    since: str


@dataclass(frozen=True)
class Stills:
    """All failed work, longest first: the shown ones, and the rest."""

    first: list[Still]
    rest: list[Still]

    @property
    def count(self) -> int:
        """Return how many there are."""
        return len(self.first) + len(self.rest)


_kept: dict[int, tuple[float, list[SetAside]]] = {}


def stills_of(staff: Staff, now: datetime) -> Stills:
    """Return all failed work of the staff member's clinic; queries the database at most every few seconds."""
    found = [_still(row, now, ZoneInfo(staff.clinic.timezone)) for row in _rows(staff, now)]
    return Stills(found[:SHOWN], found[SHOWN:])


def stills_of_patient(staff: Staff, patient: Patient, now: datetime) -> list[Still]:
    """Return the failed work of one patient."""
    zone = ZoneInfo(staff.clinic.timezone)
    return [_still(row, now, zone) for row in _rows(staff, now) if row.patient_id == patient.pk]


def _rows(staff: Staff, now: datetime) -> list[SetAside]:
    asked_at, rows = _kept.get(staff.clinic_id, (float("-inf"), []))
    if time.monotonic() - asked_at > KEPT_SECONDS:
        rows = set_aside_of_clinic(staff.clinic_id, now)
        _kept[staff.clinic_id] = (time.monotonic(), rows)
    return rows


def _still(row: SetAside, now: datetime, zone: ZoneInfo) -> Still:
    what, since, patient = WORDS.get(row.sweep, row.sweep), clock_words(row.since, now, zone), row.patient
    return Still(patient.name if patient else "The clinic itself", patient.code if patient else None, what, since)
