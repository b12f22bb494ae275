"""Lists with a maximum length, which also say how many rows are left out."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet

T = TypeVar("T", bound=Model)
# How many rows “show all” shows, so that the page still opens.
ALL = 2000


@dataclass(frozen=True)
class Capped(Generic[T]):
    """The first rows of a list, and how many it leaves out."""

    rows: list[T]
    left_out: int


def capped(rows: QuerySet[T], most: int) -> Capped[T]:
    """Return at most `most` rows in their order; needs a second statement only when some are left out."""
    found = list(rows[: most + 1])
    return Capped(found[:most], rows.count() - most if len(found) > most else 0)
