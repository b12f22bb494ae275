"""The roster of all patients a clinic enrolled, in pages; search by name, record number, birth date or phone."""

from uuid import UUID

from django.db.models import Q, QuerySet, Value

from patients.models import Patient
from patients.models.folded import Folded
from patients.values.search_words import Part, read

PAGE_ROWS = 50


def find(
    known: QuerySet[Patient], *, words: str = "", after: UUID | None = None
) -> tuple[list[Patient], UUID | None]:
    """Return a page of the known patients by last name, and the code to get the next page with (None on the last).

    All parts of the search must match. At most two statements. An unknown `after` gives the first page.
    """
    last_shown = known.filter(code=after).first() if after else None
    found = matching(known, words)
    if last_shown:
        found = _beyond(found, last_shown)
    page = list(found.order_by("last_name", "first_name", "id")[: PAGE_ROWS + 1])
    return page[:PAGE_ROWS], page[PAGE_ROWS - 1].code if len(page) > PAGE_ROWS else None


def matching(known: QuerySet[Patient], words: str) -> QuerySet[Patient]:
    """Return the known patients who match all parts of a search."""
    for part in read(words):
        known = known.filter(_fits(part))
    return known


def _fits(part: Part) -> Q:
    """Return the condition that a patient matches one of a part's meanings."""
    fits = Q(birth_date__in=part.birth_dates)
    if part.digits:
        fits |= Q(phone__contains=part.digits)
    if part.word:
        # Folded like the column, so that both are comparable.
        fits |= Q(search_text__contains=Folded(Value(part.word)))
    return fits


def _beyond(found: QuerySet[Patient], shown: Patient) -> QuerySet[Patient]:
    """Return the patients after the last one shown; the first condition lets the index roster_by_name be used."""
    same_last = Q(last_name=shown.last_name)
    return found.filter(last_name__gte=shown.last_name).filter(
        Q(last_name__gt=shown.last_name)
        | same_last & Q(first_name__gt=shown.first_name)
        | same_last & Q(first_name=shown.first_name, pk__gt=shown.pk)
    )
