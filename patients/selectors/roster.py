"""Everybody a clinic ever enrolled, a page at a time; found by name, record number, birth date or phone."""

from uuid import UUID

from django.db.models import Q, QuerySet, Value

from patients.models import Patient
from patients.models.folded import Folded
from patients.values.search_words import Part, read

PAGE_ROWS = 50


def find(
    known: QuerySet[Patient], *, words: str = "", after: UUID | None = None
) -> tuple[list[Patient], UUID | None]:
    """One page of those somebody may see, by last name, and the code to ask the next page with; None on the last.

    Everything typed must fit. Two statements at most. An unknown `after` reads as the first page.
    """
    last_shown = known.filter(code=after).first() if after else None
    found = known
    for part in read(words):
        found = found.filter(_fits(part))
    if last_shown:
        found = _beyond(found, last_shown)
    page = list(found.order_by("last_name", "first_name", "id")[: PAGE_ROWS + 1])
    return page[:PAGE_ROWS], page[PAGE_ROWS - 1].code if len(page) > PAGE_ROWS else None


def _fits(part: Part) -> Q:
    """Any of what a part of the search may mean."""
    fits = Q(birth_date__in=part.birth_dates)
    if part.digits:
        fits |= Q(phone__contains=part.digits)
    if part.word:
        # The same folding as the column's own, so that both spell alike.
        fits |= Q(search_text__contains=Folded(Value(part.word)))
    return fits


def _beyond(found: QuerySet[Patient], shown: Patient) -> QuerySet[Patient]:
    """Those after the last one shown. The first condition is what the index roster_by_name is entered with."""
    same_last = Q(last_name=shown.last_name)
    return found.filter(last_name__gte=shown.last_name).filter(
        Q(last_name__gt=shown.last_name)
        | same_last & Q(first_name__gt=shown.first_name)
        | same_last & Q(first_name=shown.first_name, pk__gt=shown.pk)
    )
