"""The history page: how it went in words, pictures and numbers, then each log with its advice, newest first."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from patients.access import PatientRequest, helped, needs, who_acts
from patients.permissions import Permission, may
from recovery import selectors
from recovery.models import DailyLog
from recovery.phone import history_words
from recovery.phone.line_picture import HEIGHT, LEFT, RIGHT, WIDTH, line_picture
from recovery.phone.pain_chart import Reading
from recovery.triage.rulebook import answer_label
from recovery.wording.log_words import back_pain

PAIN_MARKS = (0, 5, 10)
TEMP_MARKS = {"F": (96, 98, 100, 102, 104), "C": (36, 37, 38, 39, 40)}
WALKS = ("none", "room", "house", "outside")
# So many walks and logs stand open on the page; the others are folded.
WALKS_SHOWN, LOGS_SHOWN = 7, 7


@require_safe
@needs(Permission.SEE_LOGS)
def history(request: PatientRequest) -> HttpResponse:
    """Show the logs of this recovery with their advice, and pain, walking and temperature over the days."""
    page = selectors.today(request.patient, timezone.now())
    if page.procedure is None:
        return render(request, "recovery/phone/closed.html")
    oldest_first = page.logs[::-1]
    context: dict[str, Any] = {
        "page": page,
        "zone": request.patient.timezone,
        "size": {"width": WIDTH, "height": HEIGHT, "left": LEFT, "right": WIDTH - RIGHT},
        "logs": page.logs[:LOGS_SHOWN],
        "older": page.logs[LOGS_SHOWN:],
        "pain": pain_of(oldest_first, helped(request)),
        "walking": walking_of(oldest_first, request.patient.timezone, helped(request)),
        "temperature": temperature_of(oldest_first, request.patient.temp_unit),
        "asked": selectors.own_questions(page.logs) if may(who_acts(request), Permission.SEE_VISIT) else [],
    }
    return render(request, "recovery/phone/history.html", context)


def pain_of(logs: Sequence[DailyLog], helped: str) -> dict[str, Any] | None:
    """Return back pain on moving and at rest, 0 to 10: in words, as a picture, as rows; None without any."""
    moving, resting = (_numbers(logs, name) for name in ("pain_move", "pain_rest"))
    if not moving and not resting:
        return None
    by_log = [(log.happened_at, *(log.answers.get(name) for name in ("pain_move", "pain_rest"))) for log in logs]
    return {
        "words": history_words.pain(readings(logs[::-1]), helped),
        "picture": line_picture([moving, resting], PAIN_MARKS),
        "rows": [row for row in reversed(by_log) if row[1] is not None or row[2] is not None],
    }


def walking_of(logs: Sequence[DailyLog], zone: str, helped: str) -> dict[str, Any] | None:
    """Return how far the patient walked on each day, as words and three bars, newest first; None without any."""
    days: dict[date, tuple[datetime, int]] = {}
    for log in logs:
        level, at = log.answers.get("walk_level"), log.happened_at.astimezone(ZoneInfo(zone))
        if level in WALKS:
            _, before = days.get(at.date(), (at, 0))
            days[at.date()] = (at, max(before, WALKS.index(level)))
    if not days:
        return None
    rows = [(at, answer_label("walk_level", WALKS[far]), far) for at, far in reversed(days.values())]
    return {
        "words": history_words.walking(rows[-1][2], rows[0][2], helped) if len(rows) > 1 else "",
        "rows": rows[:WALKS_SHOWN],
        "more": rows[WALKS_SHOWN:],
        "bars": range(1, len(WALKS)),
    }


def temperature_of(logs: Sequence[DailyLog], unit: str) -> dict[str, Any] | None:
    """Return the temperatures in the patient's unit, F or C, as a picture and as rows; None without any."""
    found = [(log.happened_at, in_unit(log.answers, unit)) for log in logs]
    known = [(at, value) for at, value in found if value is not None]
    if not known:
        return None
    return {"picture": line_picture([known], TEMP_MARKS[unit]), "rows": known[::-1], "unit": unit}


def in_unit(answers: dict[str, Any], unit: str) -> float | None:
    """Return the temperature of a log in °F or °C, to a tenth; None without one."""
    value = answers.get("temp_value")
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    told = answers.get("temp_unit", "F")
    if told != unit:
        value = (value - 32) * 5 / 9 if unit == "C" else value * 9 / 5 + 32
    return round(value, 1)


def _numbers(logs: Sequence[DailyLog], name: str) -> list[tuple[datetime, float]]:
    return [(log.happened_at, log.answers[name]) for log in logs if log.answers.get(name) is not None]


def readings(logs: Sequence[DailyLog]) -> list[Reading]:
    """Return back pain, 0 to 10, the higher of moving and resting, of each log that has it; oldest first."""
    found = [(log.happened_at, back_pain(log.answers)) for log in reversed(logs)]
    return [(at, pain) for at, pain in found if pain is not None]
