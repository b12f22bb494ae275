"""Everybody a clinic ever enrolled, by name, a page at a time."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from patients import scoping
from patients.models import Patient, Procedure, Staff

PAGE_ROWS = 50
# More words than any name has: the rest of a pasted text is not searched for.
MOST_WORDS = 5


@dataclass
class RosterRow:
    """One patient and their newest procedure, if any."""

    patient: Patient
    procedure: Procedure | None = None


def find(staff: Staff, *, words: str = "", after: UUID | None = None) -> tuple[list[RosterRow], UUID | None]:
    """One page by last name, and the code to ask the next page with; None on the last. Three statements at most.

    Every word must be in the name or begin the record number. An unknown `after` reads as the first page.
    """
    known = scoping.for_staff(staff)
    last_shown = known.filter(code=after).first() if after else None
    found = _matching(known, words)
    if last_shown:
        found = _beyond(found, last_shown)
    page = list(found.order_by("last_name", "first_name", "id")[: PAGE_ROWS + 1])
    rows = {patient.pk: RosterRow(patient) for patient in page[:PAGE_ROWS]}
    for procedure in Procedure.objects.filter(patient_id__in=rows).order_by("ended_at"):
        rows[procedure.patient_id].procedure = procedure
    return list(rows.values()), page[PAGE_ROWS - 1].code if len(page) > PAGE_ROWS else None


def _matching(known: QuerySet[Patient], words: str) -> QuerySet[Patient]:
    for word in words.split()[:MOST_WORDS]:
        word = word.strip(",")
        known = known.filter(
            Q(last_name__icontains=word) | Q(first_name__icontains=word) | Q(mrn__istartswith=word)
        )
    return known


def _beyond(found: QuerySet[Patient], shown: Patient) -> QuerySet[Patient]:
    """Those after the last one shown. The first condition is what the index roster_by_name is entered with."""
    same_last = Q(last_name=shown.last_name)
    return found.filter(last_name__gte=shown.last_name).filter(
        Q(last_name__gt=shown.last_name)
        | same_last & Q(first_name__gt=shown.first_name)
        | same_last & Q(first_name=shown.first_name, pk__gt=shown.pk)
    )
