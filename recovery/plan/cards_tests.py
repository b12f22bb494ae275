"""The tests that the cards of cards.toml name. Each answers one yes/no question about a moment. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from recovery.plan.situation import Situation

# The limit of RS-05: at most this much pain feels like being well.
LITTLE_PAIN = 2
VISIT_SOON_HOURS = 72
STRONG = ("opioid", "opioid_acetaminophen")


@dataclass(frozen=True, slots=True)
class Moment:
    """What a card may look at: the situation, the record, the last log's answers, and the plan's statuses.

    clinic_texts: which of the clinic's own words there are, "wound" and "medicine"; they outrank a card.
    """

    situation: Situation
    record: Mapping[str, Any]
    answers: Mapping[str, Any]
    statuses: Mapping[str, str]
    sign_groups: Mapping[str, frozenset[str]]
    fresh_log_hours: float
    clinic_texts: frozenset[str]

    @property
    def fresh(self) -> Mapping[str, Any]:
        """The answers while they still speak of today; none from a log that is older."""
        age = self.situation.since_log_hours()
        return self.answers if age is not None and age <= self.fresh_log_hours else {}


Test = Callable[[Moment], bool]


def _answer(field: str, *values: str) -> Test:
    return lambda m: m.fresh.get(field) in values


def _pain_low(m: Moment) -> bool:
    scores = [m.fresh.get("pain_move"), m.fresh.get("pain_rest")]
    known = [score for score in scores if isinstance(score, int | float)]
    return bool(known) and max(known) <= LITTLE_PAIN


def _visit_soon(m: Moment) -> bool:
    visit = m.situation.next_visit_at
    return visit is not None and timedelta(0) <= visit - m.situation.now <= timedelta(hours=VISIT_SOON_HOURS)


def _leg_sign(m: Moment) -> bool:
    return bool(m.situation.open_signs & (m.sign_groups["leg_sign"] | {"weak_stand_cannot"}))


def _fell(m: Moment) -> bool:
    # However old the last log is: nobody said since that there was no fall.
    said = m.answers.get("fall") in ("fell_ok", "fell_hurt")
    return said or bool(m.situation.open_signs & (m.sign_groups["fall_recent"] | {"fall_hurt"}))


def _strong_pills(m: Moment) -> bool:
    taken = m.answers.get("pain_meds") or ()
    return m.record.get("opioid_prescribed") is True or any(kind in taken for kind in STRONG)


def _cleared(name: str) -> Test:
    def test(m: Moment) -> bool:
        day = getattr(m.situation.overrides, name)
        return day is not None and m.situation.today >= day

    return test


def _reached(milestone: str, status: str) -> Test:
    return lambda m: m.statuses.get(milestone) == status


TESTS: dict[str, Test] = {
    "tired": _answer("energy", "tired", "very_tired"),
    "slept_badly": _answer("sleep", "poor"),
    "mood_low": _answer("mood", "low"),
    "pain_low": _pain_low,
    "limits_on": lambda m: not _cleared("heavy_cleared_on")(m),
    "lifting_cleared": _cleared("heavy_cleared_on"),
    "exercise_cleared": _cleared("strenuous_cleared_on"),
    "visit_soon": _visit_soon,
    "leg_sign": _leg_sign,
    "fell": _fell,
    "ice_on": _reached("M-ICE-72H", "active"),
    "walk_ok": _reached("M-WALK-24H", "reached"),
    "brace_on": _reached("M-BRACE", "active"),
    "pt_ordered": lambda m: m.situation.pt_ordered,
    "on_hold": lambda m: m.situation.blood_thinner_held is True or bool(m.record.get("meds_on_hold")),
    "strong_pills": _strong_pills,
    "wound_text": lambda m: "wound" in m.clinic_texts,
    "medicine_text": lambda m: "medicine" in m.clinic_texts,
}
