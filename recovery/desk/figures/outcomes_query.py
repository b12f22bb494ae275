"""Load the recoveries behind the patients' figures, in two statements for any number of patients and logs."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import DateField, Exists, F, Func, IntegerField, Max, OuterRef, QuerySet
from django.db.models.functions import Greatest

from patients.models import Staff
from patients.scoping import joined, rows_of
from recovery.desk.figures.filters import Choice
from recovery.desk.figures.outcomes import LOOKED_AT, Recovery, Reduced
from recovery.models import DailyLog
from recovery.models.log import HAPPENED_AT
from recovery.settings.clinic_config import config_for
from recovery.triage.numbers import number_facts, with_config
from recovery.triage.rulebook import load_rulebook

# Far more than a clinic has in a year; the page says so when it is reached.
RECOVERIES_MOST = 3000
COLUMNS = ("pk", "ended_at", "closed_at", "recorded_at", "baseline_pain", "cement_leakage", "new_fracture_on")


class LocalDay(Func):
    """The calendar day of a moment by the clocks of an IANA zone: LocalDay(zone, moment)."""

    function = "timezone"
    template = "%(function)s(%(expressions)s)::date"
    output_field = DateField()


class DaysBetween(Func):
    """The days from the second calendar day to the first."""

    template = "(%(expressions)s)"
    arg_joiner = " - "
    output_field = IntegerField()


class WholeNumber(Func):
    """An answer of a log as a number; null when it is missing or no number."""

    template = (
        "CASE WHEN jsonb_typeof(%(expressions)s) = 'number' THEN round((%(expressions)s)::numeric)::integer END"
    )
    output_field = IntegerField()


class JsonAnswer(Func):
    """One answer of a log by its name, as JSON."""

    template = "(%(expressions)s -> '%(name)s')"


def recoveries(staff: Staff, choice: Choice, days: int, now: datetime) -> tuple[list[Recovery], bool]:
    """Return the recoveries that a figure of the last days may hold, and whether the oldest were left out."""
    # A day more on each side: the patient's midnight is not ours.
    since = now - timedelta(days=days + LOOKED_AT + 2)
    chosen = choice.procedures(staff).filter(ended_at__gte=since, ended_at__lt=now + timedelta(days=1))
    chosen = chosen.order_by("-ended_at", "-pk")[:RECOVERIES_MOST]
    rows = list(chosen.values(*COLUMNS, zone=F("patient__timezone")))
    logged = _days_logged(rows_of(DailyLog, procedure=[row["pk"] for row in rows]))
    return [_recovery(row, logged[row["pk"]], now) for row in rows], len(rows) == RECOVERIES_MOST


def _recovery(row: dict[str, Any], logged: dict[int, int | None], now: datetime) -> Recovery:
    zone = ZoneInfo(row["zone"])
    first = row["ended_at"].astimezone(zone).date()

    def day(at: datetime) -> int:
        return (at.astimezone(zone).date() - first).days

    return Recovery(
        id=row["pk"],
        day=day(now),
        enrolled_day=day(row["recorded_at"]),
        closed_day=day(row["closed_at"]) if row["closed_at"] else None,
        baseline=row["baseline_pain"],
        leak=row["cement_leakage"],
        new_fracture=row["new_fracture_on"] is not None,
        logged=logged,
    )


def _days_logged(logs: QuerySet[DailyLog]) -> dict[int, dict[int, int | None]]:
    """Return for each recovery its days with a log, and the highest back pain of each; a corrected log once."""
    later = joined(DailyLog).filter(supersedes=OuterRef("pk"))
    zone = F("patient__timezone")
    day = DaysBetween(LocalDay(zone, HAPPENED_AT), LocalDay(zone, F("procedure__ended_at")))
    move, rest = (WholeNumber(JsonAnswer(F("answers"), name=name)) for name in ("pain_move", "pain_rest"))
    rows = (
        logs.filter(~Exists(later))
        .annotate(day=day)
        .filter(day__gte=0, day__lte=LOOKED_AT)
        .values("procedure_id", "day")
        .annotate(pain=Max(Greatest(move, rest)))
        .order_by()
    )
    found: dict[int, dict[int, int | None]] = defaultdict(dict)
    for procedure, at, pain in rows.values_list("procedure_id", "day", "pain"):
        found[procedure][at] = pain
    return found


def reduced_by_the_rules(clinic_id: int, now: datetime) -> Reduced:
    """Return the rule book's own line for pain that is greatly reduced, with the clinic's numbers of today."""
    book = load_rulebook()
    numbers = number_facts(with_config(book.content, config_for(clinic_id, now)))
    return partial(_reduced, book.derived_by_name["not_greatly_reduced"], numbers)


def _reduced(high: Any, numbers: dict[str, Any], pain: int, baseline: int | None) -> bool:
    return not high({**numbers, "pain": pain, "baseline_pain": baseline})


def highest_reduced(reduced: Reduced, baselines: Iterable[int]) -> list[int]:
    """Return for each pain before the procedure the highest pain after it that counts as greatly reduced."""
    return [max((pain for pain in range(11) if reduced(pain, before)), default=0) for before in baselines]
