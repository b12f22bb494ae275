"""A slow rise of pain (H26): courses of many shapes over six weeks, and the day by which each must be flagged.

Nobody here taps "worse" or "new": the numbers alone have to speak. What the trend rules let pass, by their text,
stands here too, so that the hazard log can say it truly.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patients.tiers import TIERS
from recovery.triage.evaluate import judge
from tests.depth import examples
from tests.triage.answers import CALM_LOG, PATIENT

DAYS = 42
WEEK_HOURS = 168
WATCH, DOCTOR = TIERS.index("watch"), TIERS.index("call_doctor_now")
# How much of the rise is there after a share of the time, 0 to 1. Each ends at 1.
SHAPES: dict[str, Callable[[float], float]] = {
    "straight": lambda t: t,
    "late": lambda t: t**3,
    "early": lambda t: 1 - (1 - t) ** 3,
    "slow, fast, slow": lambda t: 1 / (1 + math.exp(-10 * (t - 0.5))) if t < 1 else 1.0,
    "in steps": lambda t: math.floor(t * 4) / 4,
    "well for long, then up": lambda t: max(0.0, (t - 0.8) / 0.2),
    "in waves": lambda t: t if t > 0.95 else max(0.0, t + 0.2 * math.sin(30 * t)),
    "every second day better": lambda t: t if t > 0.95 else max(0.0, t - 0.3 * (int(t * DAYS) % 2)),
    "falls first": lambda t: max(0.0, 0.6 - 3 * t) if t < 0.2 else (t - 0.2) / 0.8,
}


@dataclass(frozen=True)
class Course:
    """One (hour, pain) per log, after the first two days."""

    logs: tuple[tuple[float, int], ...]
    baseline: int | None

    def tiers(self) -> list[int]:
        """What each log is judged, with those before it as history and no alert answered."""
        patient = {**PATIENT, "baseline_pain": self.baseline}
        history = [{"hours": at, "log": {"pain_move": pain, "pain_rest": 0}} for at, pain in self.logs]
        return [
            TIERS.index(judge(patient, at, {**CALM_LOG, "pain_move": pain, "pain_rest": 0}, history[:number]).tier)
            for number, (at, pain) in enumerate(self.logs)
        ]

    def expected(self) -> list[int]:
        """The least each log must be, from the words of RW-01, RW-02, RDN-17 and RDN-18 alone."""
        return [max(self._level(pain), self._trend(number)) for number, (_, pain) in enumerate(self.logs)]

    def _level(self, pain: int) -> int:
        before = self.baseline
        if before is not None and pain >= before + 2:
            return DOCTOR
        high = pain > 3 and (before is None or pain > before / 2)
        return WATCH if high or (before is not None and 1 <= before <= pain) else 0

    def _trend(self, number: int) -> int:
        at, pain = self.logs[number]
        earlier = self.logs[:number]
        if pain < 4 or not earlier:
            return 0
        week = [value for hour, value in earlier if hour >= at - WEEK_HOURS]
        up = pain - earlier[-1][1] >= 2 or (week and pain - min(week) >= 3)
        return DOCTOR if up else 0


def course(shape: str, low: int, high: int, days: list[int], baseline: int | None) -> Course:
    """Whole numbers, as people log them, on the given days."""
    share = SHAPES[shape]
    last = days[-1]
    pains = [round(low + (high - low) * share(day / last)) for day in days]
    return Course(
        tuple((48.0 + 24 * day, min(max(pain, 0), 10)) for day, pain in zip(days, pains, strict=True)), baseline
    )


@st.composite
def courses(draw: st.DrawFn) -> Course:
    low = draw(st.integers(0, 4))
    end = draw(st.integers(7, DAYS))
    days = sorted({0, end, *draw(st.lists(st.integers(0, end), max_size=DAYS))})
    baseline = draw(st.none() | st.integers(0, 10))
    return course(draw(st.sampled_from(sorted(SHAPES))), low, draw(st.integers(low + 1, 10)), days, baseline)


@settings(max_examples=examples(400), deadline=None, database=None)
@given(courses())
def test_each_log_of_any_course_is_at_least_what_the_trend_rules_say(walked: Course) -> None:
    assert [pair for pair in zip(walked.tiers(), walked.expected(), strict=True) if pair[0] < pair[1]] == []


@pytest.mark.parametrize("shape", sorted(SHAPES))
@pytest.mark.parametrize("every", [1, 2, 3, 7])
def test_a_rise_is_flagged_by_the_first_log_above_half_of_the_pain_before(shape: str, every: int) -> None:
    """Whatever its shape, and however seldom somebody logs: at 6 of 10 at the latest, without a baseline at 4."""
    days = [*range(0, DAYS, every), DAYS]
    for low, baseline in ((0, 10), (2, 10), (1, 8), (0, 6), (1, None), (3, None)):
        walked = course(shape, low, 10, days, baseline)
        line = 3 if baseline is None else max(3, baseline / 2)
        crossed = next(number for number, (_, pain) in enumerate(walked.logs) if pain > line)
        flagged = next(number for number, tier in enumerate(walked.tiers()) if tier >= WATCH)
        assert flagged <= crossed, (low, baseline)


@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_three_points_within_a_week_call_the_doctor_that_day(shape: str) -> None:
    """Also with a day of noise, up or down, on every log before the last."""
    random = Random(26)
    for _ in range(60):
        low, days = random.randint(0, 4), list(range(8))
        logs = [
            (at, max(0, pain - random.randint(0, 1))) for at, pain in course(shape, low, low + 4, days, 10).logs
        ]
        noisy = Course((*logs[:-1], (logs[-1][0], low + 4)), 10)
        assert noisy.tiers()[-1] >= DOCTOR, noisy


def test_a_rise_that_a_week_of_silence_hides_is_still_measured_against_the_last_log() -> None:
    assert Course(((48.0, 1), (48.0 + 24 * 20, 4)), 10).tiers()[-1] == DOCTOR


def test_a_point_a_week_is_watched_from_three_points_over_the_lowest_since_day_two() -> None:
    """RW-31: no rise within a week, and not yet half of the pain before the procedure."""
    weekly = [(48.0 + 24 * 7 * week, week) for week in range(7)]
    assert Course(tuple(weekly), 10).tiers() == [0, 0, 0, 0, WATCH, WATCH, WATCH]


def test_what_the_rules_let_pass_is_exactly_as_the_hazard_log_says() -> None:
    """Up to 3 of 10, or two points over the lowest: the numbers alone are not spoken of."""
    assert Course(tuple((48.0 + 24 * 7 * week, week // 2) for week in range(7)), 10).tiers() == [0] * 7
    assert Course(((48.0, 2), (240.0, 3), (480.0, 4)), 10).tiers() == [0, 0, 0]
