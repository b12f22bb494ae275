"""The choice of a figures page, kept in its address: period, surgeon and level. An unknown one counts as none."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse

from patients import scoping
from patients.models import Patient, Procedure, Staff
from patients.models.procedure import LEVELS
from patients.scoping import joined, rows_of

PERIODS = (7, 28, 90, 365)
USUAL = 28
SURGEONS_MOST = 200


@dataclass(frozen=True)
class Choice:
    """What was chosen. days: the length of the period. surgeon, level: empty for all. surgeons: whom to choose."""

    days: int
    surgeon: str = ""
    level: str = ""
    surgeons: tuple[str, ...] = ()

    @property
    def query(self) -> str:
        """The choice as an address has it."""
        parts = {"days": self.days, "surgeon": self.surgeon, "level": self.level}
        return urlencode({name: value for name, value in parts.items() if value})

    @property
    def words(self) -> str:
        """The choice in words, for a file and for paper."""
        who = f"{self.surgeon}, " if self.surgeon else "all surgeons, "
        return f"last {self.days} days, {who}{f'level {self.level}' if self.level else 'all levels'}"

    def link(self, of: str) -> str:
        """The address of the people behind one number."""
        return f"{reverse('recovery:figures_people')}?{urlencode({'of': of})}&{self.query}"

    def patients(self, staff: Staff) -> QuerySet[Patient]:
        """The patients of the clinic that the choice leaves: all, or those with such a procedure."""
        everybody = scoping.for_staff(staff)
        if not (self.surgeon or self.level):
            return everybody
        return everybody.filter(Exists(self._only(joined(Procedure).filter(patient=OuterRef("pk")))))

    def procedures(self, staff: Staff) -> QuerySet[Procedure]:
        """The procedures of the clinic that the choice leaves."""
        return self._only(rows_of(Procedure, patient=scoping.for_staff(staff)))

    def _only(self, procedures: QuerySet[Procedure]) -> QuerySet[Procedure]:
        if self.surgeon:
            procedures = procedures.filter(surgeon=self.surgeon)
        return procedures.filter(levels__contains=[self.level]) if self.level else procedures


def chosen(staff: Staff, given: Mapping[str, Any]) -> Choice:
    """Read the choice from an address, in one statement for the names of the surgeons."""
    days = given.get("days", "")
    known = rows_of(Procedure, patient=scoping.for_staff(staff)).exclude(surgeon="")
    surgeons = tuple(known.order_by("surgeon").values_list("surgeon", flat=True).distinct()[:SURGEONS_MOST])
    surgeon, level = given.get("surgeon", ""), given.get("level", "")
    return Choice(
        days=int(days) if days in {str(period) for period in PERIODS} else USUAL,
        surgeon=surgeon if surgeon in surgeons else "",
        level=level if level in LEVELS else "",
        surgeons=surgeons,
    )
