"""What the figures page says of how patients did: adherence, pain, and shares beside those of the documents."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from recovery.desk.figures.number import Number, Numbers, likely_words, percent_words
from recovery.desk.figures.outcomes import FIRST_DAYS, LAST_DAY, LOGGED_DAYS, LOOKED_AT, Outcomes, PainAt, Reduced
from recovery.desk.figures.outcomes_query import highest_reduced
from recovery.desk.figures.pictures import Dot, pain_picture, share_picture
from recovery.desk.figures.shares import FEW, Share
from recovery.outcome_figures import FIGURES
from recovery.triage.rulebook import source_title

# Our goal; no document gives one.
ADHERENCE_GOAL_PERCENT = 80


@dataclass(frozen=True)
class Beside:
    """One of our shares beside what a document says: our words and numbers, and the document's."""

    name: str
    means: str
    part: Number
    whole: Number
    percent: str
    likely: str
    few: bool
    document: str
    title: str
    source: str


@dataclass(frozen=True)
class PainRow:
    """One line of the table behind the pain picture."""

    day: str
    answered: Number
    reached: int
    middle: str
    half: str
    reduced: Number
    percent: str
    few: bool


def patient_panels(found: Outcomes, earlier: Outcomes, reduced: Reduced, numbers: Numbers) -> dict[str, Any]:
    """Return the words, numbers and pictures about patients. earlier: the figures of the period before."""
    adherence = found.adherence
    part, whole = numbers.share(adherence, "adherence")
    return {
        "adherence": {
            "part": part,
            "whole": whole,
            "percent": percent_words(adherence.percent),
            "likely": likely_words(adherence),
            "few": adherence.few,
            "before": percent_words(earlier.adherence.percent),
            "before_n": earlier.adherence.n,
            "late": numbers.of(len(found.late_enrolled), "late"),
            "goal": ADHERENCE_GOAL_PERCENT,
            "days": LOGGED_DAYS,
            "of_days": FIRST_DAYS,
        },
        "beside": beside(found, numbers),
        "pain": [_pain_row(pain, numbers) for pain in (found.before, *found.pain)],
        "pain_picture": pain_picture(
            [_dot(pain, numbers) for pain in (found.before, *found.pain)], _line(found, reduced)
        ),
        "early": _early(found.pain[0], numbers),
        "logged": [
            (day, numbers.of(share.count, f"logged:{day}"), percent_words(share.percent))
            for day, share in found.logged_by_day
        ],
        "logged_of": numbers.of(found.logged_by_day[0][1].n, "logged:of"),
        "logged_picture": share_picture([(day, share.percent or 0) for day, share in found.logged_by_day]),
        "few": FEW,
    }


def beside(found: Outcomes, numbers: Numbers) -> list[Beside]:
    """Return the shares that the documents give a figure for, with that figure and its place."""
    return [
        _beside(
            f"Lasting pain, day {LAST_DAY}",
            f"Of those who answered around day {LAST_DAY}: pain not greatly reduced, by the rule book's line.",
            found.lasting,
            "lasting",
            "FIG-LASTING-PAIN",
            numbers,
        ),
        _beside(
            "New fracture",
            f"Of those followed past day {LOOKED_AT}: one is in the record. What nobody told the clinic is not.",
            found.fractures,
            "fractures",
            "FIG-NEW-BREAK",
            numbers,
        ),
        _beside(
            "Cement leak",
            "Of procedures in this time: a leak is in the record.",
            found.leaks,
            "leaks",
            "FIG-LEAK",
            numbers,
        ),
    ]


def _beside(name: str, means: str, share: Share, key: str, figure_id: str, numbers: Numbers) -> Beside:
    figure = next(figure for figure in FIGURES if figure.id == figure_id)
    part, whole = numbers.share(share, key)
    return Beside(
        name=name,
        means=means,
        part=part,
        whole=whole,
        percent=percent_words(share.percent),
        likely=likely_words(share),
        few=share.few,
        document=figure.text,
        title=source_title(figure.sources[0]),
        source=figure.sources[0],
    )


def _pain_row(pain: PainAt, numbers: Numbers) -> PainRow:
    return PainRow(
        day=f"day {pain.day}" if pain.day else "before",
        answered=numbers.of(len(pain.pains), f"pain:{pain.day}"),
        reached=len(pain.reached),
        middle=_whole(pain.middle),
        half=f"{_whole(pain.low)} to {_whole(pain.high)}" if pain.pains else "",
        reduced=numbers.of(pain.reduced.count, f"pain:{pain.day}:reduced"),
        percent=percent_words(pain.reduced.percent),
        few=pain.reduced.few,
    )


def _whole(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _dot(pain: PainAt, numbers: Numbers) -> Dot:
    name = f"day {pain.day}" if pain.day else "before"
    return Dot(
        name,
        len(pain.pains),
        numbers.of(len(pain.pains), f"pain:{pain.day}").href,
        pain.low,
        pain.middle,
        pain.high,
    )


def _line(found: Outcomes, reduced: Reduced) -> float | None:
    """Return the middle of the highest pains that count as greatly reduced, where the pain before is known."""
    known: Sequence[int] = list(found.before.pains.values())
    return median(highest_reduced(reduced, known)) if known else None


def _early(pain: PainAt, numbers: Numbers) -> dict[str, Any]:
    """Return the share whose pain is greatly reduced by day 2, for which the documents give no figure."""
    return {
        "part": numbers.of(pain.reduced.count, f"pain:{pain.day}:reduced"),
        "whole": numbers.of(pain.reduced.n, f"pain:{pain.day}"),
        "percent": percent_words(pain.reduced.percent),
        "likely": likely_words(pain.reduced),
        "few": pain.reduced.few,
    }
