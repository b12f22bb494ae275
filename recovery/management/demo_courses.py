"""More people for the demo clinic, each drawn by chance from a number: the same number is the same person."""

import math
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from recovery.management.demo import DemoPatient

FIRST_NAMES = (
    "Alice Arthur Barbara Bernard Carmen Charles Clara Daniel Doris Edward Elena Ernest Evelyn Frances Frank "
    "Gloria Grace Henry Helen Ida Jack Jean Joan Josephine Karl Lena Leonard Lillian Louise Manuel Maria "
    "Martha Marvin Mildred Nadia Norman Olga Oscar Pauline Pedro Ralph Raymond Ruth Sofia Stanley Stella "
    "Teresa Thomas Vera Victor Virginia Wanda Wilma"
)
LAST_NAMES = (
    "Abbott Adeyemi Baker Bauer Bianchi Bishop Castillo Chen Cohen Costa Daniels Dubois Eriksen Evans "
    "Fernandez Fischer Foster Garcia Grant Hansen Harper Herrera Hughes Ito Jensen Kaplan Kelly Kim Larsen "
    "Lopez Marino Mendoza Morales Murphy Nakamura Novak Olsen Ortega Palmer Park Patel Peters Quinn Ramirez "
    "Reid Rossi Santos Schmidt Silva Singh Sullivan Tanaka Torres Turner Vargas Walsh Weber Wong Young "
    "Zielinski"
)
FIRST, LAST = FIRST_NAMES.split(), LAST_NAMES.split()
# Most of these fractures are where the chest's spine meets the lower back.
LEVELS = ("T8", "T10", "T11", "T11", "T12", "T12", "T12", "L1", "L1", "L1", "L2", "L2", "L3", "L4")
OLDEST, YOUNGEST = date(1934, 1, 1), date(1962, 12, 31)
# Hours since the procedure: from the first night to six weeks and a half.
HOURS = (20.0, 1090.0)
# No log is newer than this many hours: what the demo's first people tell stays the news of the day.
NEWEST_HOURS = 2.0
QUESTIONS = (
    "May I sit in the car for an hour on Sunday?",
    "When may I swim again?",
    "Do I still need the brace at home?",
    "May I carry my grandchild, 20 pounds?",
)


@dataclass(frozen=True)
class Course:
    """How a recovery goes: pain on moving at first (0 to 10), where it settles, and in how many days."""

    start: int
    floor: int
    days: float
    # Logs on how many of the first ten days, of 1.
    diligence: float = 0.85


STEADY = Course(start=5, floor=1, days=9)
QUICK = Course(start=4, floor=0, days=5, diligence=0.9)
SLOW = Course(start=6, floor=4, days=14)
SELDOM = Course(start=5, floor=2, days=9, diligence=0.5)
COURSES = (STEADY,) * 10 + (QUICK,) * 5 + (SLOW,) * 3 + (SELDOM,) * 3
# Told once, on a day between these two: changes to a calm day's answers.
EVENTS: tuple[tuple[int, int, dict[str, Any]], ...] = (
    (3, 9, {"fever_feel": "yes", "temp_value": 101.1, "temp_unit": "F"}),
    (1, 5, {"site_gate": "some", "site_drainage": "clear_or_pink"}),
    (1, 6, {"site_gate": "some", "site_redness": "new_or_spreading"}),
    (4, 30, {"fall": "fell_ok"}),
    (2, 12, {"stomach": "upset"}),
    (
        1,
        20,
        {"nerve_gate": "some", "spread_pain": "yes", "spread_pain_where": ["legs"], "spread_pain_change": "new"},
    ),
    (2, 30, {"em_gate": "some", "em_breath": "some"}),
)


def drawn(number: int) -> DemoPatient:
    """Return the person with this number, 0 or more. Their logs stand in the order they were sent."""
    chance = Random(f"kypho demo {number}")  # noqa: S311 - a demo's people, not a secret
    hours = chance.uniform(*HOURS)
    course = chance.choice(COURSES)
    fracture_day = chance.randint(24, 34) if hours > 24 * 40 and chance.random() < 0.25 else None
    born = OLDEST + timedelta(days=chance.randrange((YOUNGEST - OLDEST).days))
    opioid = chance.random() < 0.35
    return DemoPatient(
        *_name(number),
        born,
        hours,
        sorted(chance.sample(LEVELS, chance.choice((1, 1, 1, 2)))),
        _logs(chance, course, hours, fracture_day, opioid=opioid),
        _record(chance, opioid=opioid),
        fracture_day=fracture_day,
        is_worked=True,
    )


def _name(number: int) -> tuple[str, str]:
    # Each round through the first names moves on by one last name: no pair comes twice.
    turn, place = divmod(number, len(FIRST))
    return FIRST[place], LAST[(turn + 7 * place) % len(LAST)]


def _record(chance: Random, *, opioid: bool) -> dict[str, Any]:
    return {
        "baseline_pain": chance.randint(6, 9),
        "opioid_prescribed": opioid,
        "osteoporosis": chance.random() < 0.7,
        "brace_prescribed": chance.random() < 0.2,
        "cement_leakage": chance.random() < 0.12,
        "pt_ordered": chance.random() < 0.3,
        "job_type": chance.choice(("none", "none", "none", "desk", "physical")),
    }


def _logs(
    chance: Random, course: Course, hours: float, fracture_day: int | None, *, opioid: bool
) -> list[tuple[float, dict[str, Any]]]:
    """Return the logs as (hours ago, answers); some people stop, and some days tell of something."""
    last = int((hours - NEWEST_HOURS) / 24)
    stops = chance.randint(3, 20) if chance.random() < 0.12 else last
    first, until, event = chance.choice(EVENTS)
    told_on = chance.randint(first, until) if chance.random() < 0.45 else None
    logs = []
    for day in range(1, min(last, stops) + 1):
        if day != told_on and chance.random() > _wish(course, day):
            continue
        ago = max(NEWEST_HOURS, hours - 24 * day + chance.uniform(-3, 3))
        logs.append((ago, _answers(chance, course, day, fracture_day, opioid=opioid)))
        if day == told_on:
            logs[-1][1].update(event)
    if logs and chance.random() < 0.15:
        logs[-1][1]["question_for_team"] = chance.choice(QUESTIONS)
    return sorted(logs, key=lambda log: -log[0])


def _wish(course: Course, day: int) -> float:
    """Return how likely a log is on this day; the weeks make everybody slower."""
    return course.diligence * (1.0 if day <= 10 else 0.75 if day <= 21 else 0.6)


def _answers(
    chance: Random, course: Course, day: int, fracture_day: int | None, *, opioid: bool
) -> dict[str, Any]:
    eased = course.floor + (course.start - course.floor) * math.exp(-day / course.days)
    broke = fracture_day is not None and day >= fracture_day
    pain = min(10, max(0, round(6 if broke else eased) + chance.choice((-1, 0, 0, 0, 0, 1))))
    return {
        "pain_move": pain,
        "pain_rest": max(0, pain - 2),
        "pain_site": max(0, 2 - day // 5),
        "back_change": "worse" if broke else "better" if day < 12 else "same",
        "site_pain_change": "less" if day < 10 else "none",
        "walk_level": "house" if day < 4 or broke else "outside",
        "walk_minutes": min(45, 5 + 2 * day) if not broke else 5,
        "mobility_change": "worse" if broke else "better" if day < 12 else "same",
        **_medicine(day, pain, opioid=opioid),
    }


def _medicine(day: int, pain: int, *, opioid: bool) -> dict[str, Any]:
    if opioid and day <= 4:
        return {"pain_meds": ["opioid"], "opioid_hours_since": 6}
    if day <= 14 and pain >= 2:
        return {"pain_meds": ["acetaminophen"], "apap_total_mg": 1500}
    return {"pain_meds": ["none"]}
