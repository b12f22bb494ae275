"""Lists that are cut: never without saying how many are left out, and where they are."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet

T = TypeVar("T", bound=Model)
# What “show all” shows: a page that still opens.
ALL = 2000


@dataclass(frozen=True)
class Capped(Generic[T]):
    """The first rows of a list, and how many it leaves out."""

    rows: list[T]
    left_out: int


def capped(rows: QuerySet[T], most: int) -> Capped[T]:
    """At most so many, in their order; one statement more only when some are left out."""
    found = list(rows[: most + 1])
    return Capped(found[:most], rows.count() - most if len(found) > most else 0)
