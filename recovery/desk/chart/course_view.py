"""The course on the chart: the story in sentences, the time axis, what is expected, and the numbers as a table."""

from dataclasses import dataclass
from typing import Any

from alerts.models import Alert
from patients.templatetags.kypho import tier_label
from recovery.desk.chart.chart_query import Chart
from recovery.desk.chart.course import events, readings
from recovery.desk.chart.expected_today import Beside, beside
from recovery.desk.chart.reading import PAINS, WALK_WORDS, Event, Reading
from recovery.desk.chart.story import Answered, Sentence, story
from recovery.desk.chart.time_axis import HEIGHT, LEFT, RIGHT, WIDTH, Axis, axis, frame
from recovery.triage.expected import Expected
from recovery.triage.reason_words import PILLS, listed

SPOKE = ("contacted", "evaluated")


@dataclass(frozen=True)
class Course:
    """All that the course section shows."""

    story: list[Sentence]
    axis: Axis
    expected: Expected
    baseline: int | None
    beside: list[Beside]
    day: int
    # Newest first: the reading, its walk and its pills in words.
    table: list[tuple[Reading, str, str]]
    events: list[Event]
    size: dict[str, Any]
    words: str


def course_of(found: Chart) -> Course | None:
    """Return the course; None without a log, or when it is unknown what to expect."""
    procedure, known = found.procedure, found.expected
    if procedure is None or known is None or not found.logs:
        return None
    ended, baseline = procedure.ended_at, procedure.baseline_pain
    told = readings(found.logs)
    titles = {card.key: card.title for card in found.cards}
    steps = {titles[key]: at for key, at in found.told.items() if key in titles}
    own = [one for one in found.alerts if one.opened_at >= ended]
    stay = found.known.stay
    happened = events(procedure, own, found.contacts, steps, stay.since if stay else None)
    drawing = axis(
        told,
        happened,
        frame(ended, found.now, whole=found.whole),
        baseline=baseline,
        expected=known,
        watched_since=max(procedure.recorded_at, ended),
    )
    if drawing is None:
        return None
    return Course(
        story=story(told, _over(own), ended, found.now, known.fever_f),
        axis=drawing,
        expected=known,
        baseline=baseline,
        beside=beside(told[-1], told[-2] if len(told) > 1 else None, ended, baseline, known),
        day=max(int(found.hours // 24), 0),
        table=[(one, _walk(one), listed(one.medicine, PILLS)) for one in reversed(told)],
        events=happened,
        size={"width": WIDTH, "height": HEIGHT, "left": LEFT, "right": RIGHT},
        words=_words(told),
    )


def _over(alerts: list[Alert]) -> list[Answered]:
    """Return the closed alerts, oldest first, with the first time staff spoke with the patient."""
    closed = sorted((one for one in alerts if one.state == Alert.State.RESOLVED), key=lambda one: one.opened_at)
    return [
        Answered(
            tier_label(one.tier).lower(),
            one.opened_at,
            next((event.at for event in one.events.all() if event.what in SPOKE), None),
        )
        for one in closed
    ]


def _walk(one: Reading) -> str:
    return "" if one.walk is None else WALK_WORDS[one.walk]


def _words(told: list[Reading]) -> str:
    """Return a sentence for each kind of pain: "Pain moving: 6 at first, 2 in the last log."."""
    parts = []
    for n, (_, name, _) in enumerate(PAINS):
        values = [one.pains[n] for one in told if one.pains[n] is not None]
        if values:
            parts.append(f"Pain {name}: {values[0]} at first, {values[-1]} in the last log.")
    return " ".join(parts)
