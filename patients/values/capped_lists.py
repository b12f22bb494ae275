"""Lists with a maximum length, which also say how many rows are left out."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import F, Func, Model, QuerySet, Subquery

T = TypeVar("T", bound=Model)
# How many rows “show all” shows, so that the page still opens.
ALL = 2000


@dataclass(frozen=True)
class Capped(Generic[T]):
    """The first rows of a list, and how many it leaves out."""

    rows: list[T]
    left_out: int


def capped(rows: QuerySet[T], most: int) -> Capped[T]:
    """Return at most `most` rows in their order, in one statement whether some are left out or none."""
    # Not an aggregate, which would group the rows: the database counts all of them once, by their index.
    all_of_them = rows.order_by().annotate(how_many=Func(F("pk"), function="COUNT")).values("how_many")
    found: list[T] = list(rows.annotate(how_many=Subquery(all_of_them))[:most])
    how_many: int = getattr(found[0], "how_many", 0) if found else 0
    return Capped(found, how_many - len(found))
