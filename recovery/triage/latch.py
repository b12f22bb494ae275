"""Compare open alerts with the new log (RL-01 to RL-04): which signs stay, and which an answer lowers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from patients.tiers import CALL_DOCTOR_NOW, most_urgent
from recovery.triage.known import Known
from recovery.triage.shapes import LatchRule, Level, Rulebook
from recovery.triage.verdict import Fired


@dataclass(frozen=True, slots=True)
class Latched:
    """fired: the latch rules that hold; lowered: signs whose own rules stay silent; held: (sign, tier) pairs."""

    fired: tuple[Fired, ...]
    lowered: frozenset[str]
    held: tuple[tuple[str, str], ...]


_NOTHING_OPEN = Latched((), frozenset(), ())


def apply_latch(facts: Known, present: frozenset[str], rulebook: Rulebook) -> Latched:
    """Return what the open alerts add to this log or lower in it; `present` are the signs reported now."""
    if not facts["open_alerts"]:
        return _NOTHING_OPEN
    scopes = [_scope(facts, alert, present, rulebook) for alert in facts["open_alerts"]]
    quiet = [
        _scope(facts, alert, present, rulebook)
        for sign, alert in facts["alert_by_sign"].items()
        if sign in present and rulebook.signs[sign].tier == CALL_DOCTOR_NOW
    ]
    fired: list[Fired] = []
    lowered: frozenset[str] = frozenset()
    held: list[tuple[str, str]] = []
    for rule in rulebook.latch:
        over = scopes if rule.each == "open_alert" else quiet
        hits = list(_hits(rule, over))
        if not hits:
            continue
        fired.append(_fired(rule, hits, rulebook))
        if rule.each == "present_sign":
            lowered |= {sign for sign, _ in hits}
        held += [(sign, level.tier) for sign, level in hits]
    return Latched(tuple(fired), lowered, tuple(held))


class _Scope(dict[str, Any]):
    """The names a latch rule may use: those of one alert, then the facts."""

    __slots__ = ("facts",)

    def __init__(self, facts: Known, **alert: Any) -> None:
        super().__init__(alert)
        self.facts = facts

    def __missing__(self, name: str) -> Any:
        return self.facts[name]


def _scope(facts: Known, alert: Mapping[str, Any], present: frozenset[str], rulebook: Rulebook) -> _Scope:
    sign = rulebook.signs[alert["sign"]]
    answered_at = alert["ack_hours"]
    return _Scope(
        facts,
        alert_sign=sign.key,
        alert_tier=alert["tier"],
        alert_ack=alert["ack"],
        alert_age_hours=facts["hours"] - alert["opened_hours"],
        ack_age_hours=None if answered_at is None else facts["hours"] - answered_at,
        sign_present=sign.key in present,
        sign_hard=sign.hard,
        sign_fresh=sign.fresh.holds(facts),
        sign_worse=sign.worse.holds(facts),
    )


def _hits(rule: LatchRule, scopes: list[_Scope]) -> Iterator[tuple[str, Level]]:
    for scope in scopes:
        if rule.when.holds(scope):
            level = next((level for level in rule.levels if level.when.holds(scope)), None)
            if level is not None:
                yield scope["alert_sign"], level


def _fired(rule: LatchRule, hits: list[tuple[str, Level]], rulebook: Rulebook) -> Fired:
    """Return one entry for all alerts the rule holds for, with the words of the most urgent level.

    Its sources are the rule's, then those of the signs.
    """
    signs = tuple(dict.fromkeys(sign for sign, _ in hits))
    of_signs = [source for sign in signs for source in rulebook.signs[sign].sources]
    tier = most_urgent([level.tier for _, level in hits])
    words = next(level.message for _, level in hits if level.tier == tier)
    return Fired(
        id=rule.id,
        tier=tier,
        sources=tuple(dict.fromkeys((*rule.sources, *of_signs))),
        defaults=rule.defaults,
        message=words or rule.message,
        reason=f"{rule.reason} {'; '.join(rulebook.signs[sign].label for sign in signs)}.",
        signs=signs,
        specificity=rule.specificity,
    )
