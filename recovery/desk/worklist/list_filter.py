"""What a person wants to see of the worklist. It stands in the address, which never holds a patient's name."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django import forms
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from alerts.lifecycle.ranking import ACKED_911
from alerts.models import Alert, AlertSign
from patients.models import CallBack, Patient, Staff
from patients.scoping import rows_of
from patients.selectors.roster import matching
from recovery.triage.rulebook import silence_sign

SHOW = {"mine": "Mine", "open": "Unassigned", "silent": "Silent", "due": "Due for a call"}
# Days of recovery from the first to before the second; none: to the end.
DAYS: dict[str, tuple[str, int, int | None]] = {
    "0-2": ("Day 0–2", 0, 3),
    "3-14": ("Day 3–14", 3, 15),
    "15-42": ("Day 15–42", 15, 43),
    "43": ("After day 42", 43, None),
}
SHOW_CHOICES = [("", "All"), *SHOW.items()]
DAY_CHOICES = [("", "Any day"), *((key, row[0]) for key, row in DAYS.items())]


class FilterForm(forms.Form):
    """What the address asks for: a chip, a surgeon, days of recovery, and the key of a kept search."""

    show = forms.ChoiceField(required=False, choices=SHOW_CHOICES)
    surgeon = forms.CharField(required=False, max_length=120)
    day = forms.ChoiceField(required=False, choices=DAY_CHOICES)
    s = forms.CharField(required=False, max_length=40)


@dataclass(frozen=True)
class ListFilter:
    """One wish. words: the search behind the key; None when it is no longer kept."""

    show: str = ""
    surgeon: str = ""
    day: str = ""
    key: str = ""
    words: str | None = ""

    def address(self, **changes: str) -> str:
        """Return the query of the page with some parts changed: "?show=mine", or "?" alone for all."""
        wish = replace(self, **changes)
        parts = {"show": wish.show, "surgeon": wish.surgeon, "day": wish.day, "s": wish.key}
        return f"?{urlencode({name: value for name, value in parts.items() if value})}"

    @property
    def narrow(self) -> bool:
        """Return whether it leaves anybody out."""
        return bool(self.show or self.surgeon or self.day or self.key)


@dataclass(frozen=True)
class Chip:
    """One filter of the toolbar: where it leads, how many patients it shows, and whether it is on."""

    key: str
    title: str
    address: str
    count: int
    on: bool


@dataclass(frozen=True)
class Counted:
    """The chips with their counts, and the clinic's surgeons."""

    chips: list[Chip]
    surgeons: list[str]


def read_filter(data: Any, words_of: Callable[[str], str | None]) -> ListFilter:
    """Return what an address asks for; a part that cannot be read is left out."""
    form = FilterForm(data)
    form.is_valid()
    wish = {name: form.cleaned_data.get(name, "") for name in ("show", "surgeon", "day")}
    key = form.cleaned_data.get("s", "")
    return ListFilter(**wish, key=key, words=words_of(key) if key else "")


def wanted(patients: QuerySet[Patient], wish: ListFilter, staff: Staff, now: datetime) -> QuerySet[Patient]:
    """Return the patients in recovery whom a wish asks for."""
    recovery = Q(procedures__isnull=False, procedures__closed_at__isnull=True)
    if wish.surgeon:
        recovery &= Q(procedures__surgeon=wish.surgeon)
    if wish.day:
        _, first, end = DAYS[wish.day]
        recovery &= Q(procedures__ended_at__lte=now - timedelta(days=first))
        recovery &= Q(procedures__ended_at__gt=now - timedelta(days=end)) if end else Q()
    found = patients.filter(recovery)
    if wish.show:
        found = found.filter(_shown(wish.show, staff, now))
    return found.none() if wish.words is None else matching(found, wish.words)


def counted(patients: QuerySet[Patient], wish: ListFilter, staff: Staff, now: datetime) -> Counted:
    """Count the patients in recovery behind each chip; one statement."""
    numbers = {key: Count("pk", filter=_shown(key, staff, now)) for key in SHOW}
    found = wanted(patients, ListFilter(), staff, now).aggregate(
        everybody=Count("pk"),
        surgeons=ArrayAgg("procedures__surgeon", distinct=True, filter=~Q(procedures__surgeon=""), default=[]),
        **numbers,
    )
    numbered = [(key, title, found[key or "everybody"]) for key, title in SHOW_CHOICES]
    chips = [Chip(key, title, wish.address(show=key), n, wish.show == key) for key, title, n in numbered]
    return Counted(chips, found["surgeons"])


def _shown(key: str, staff: Staff, now: datetime) -> Q:
    alerts = rows_of(Alert, patient=OuterRef("pk")).filter(state=Alert.State.ACKED)
    owed = rows_of(CallBack, patient=OuterRef("pk")).filter(settled_at__isnull=True)
    if key == "mine":
        return Q(Exists(alerts.filter(acked_by=staff))) | Q(Exists(owed.filter(promised_by=staff)))
    if key == "open":
        return Q(work_rank__lt=ACKED_911)
    if key == "silent":
        signs = rows_of(AlertSign, patient=OuterRef("pk"))
        return Q(Exists(signs.filter(sign=silence_sign(), resolved_at__isnull=True)))
    by = _end_of_day(now, ZoneInfo(staff.clinic.timezone))
    asked = alerts.filter(next_step_at__lt=by, snoozed_until__isnull=True)
    return Q(Exists(asked)) | Q(Exists(owed.filter(due_at__lt=by)))


def _end_of_day(now: datetime, zone: ZoneInfo) -> datetime:
    """Return the next midnight on the clinic's clocks."""
    return datetime.combine(now.astimezone(zone).date() + timedelta(days=1), time(), zone)
