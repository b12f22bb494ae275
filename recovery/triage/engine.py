"""The rule engine: a pure function from facts and rule book to a verdict, without clock, chance, input or output.

Rules run in the rule book's order: 911, doctor now, latch, watch. The tier is the most urgent that fired.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import compress
from typing import Any

from patients.tiers import CALL_DOCTOR_NOW, ON_TRACK, WATCH, most_urgent
from recovery.triage.known import Known
from recovery.triage.latch import Latched, apply_latch
from recovery.triage.reasons import reason_of
from recovery.triage.shapes import Rule, Rulebook
from recovery.triage.verdict import Fired, Message, Notice, SignNow, Verdict

MAX_MESSAGES = 2


def evaluate(facts: Mapping[str, Any], rulebook: Rulebook) -> Verdict:
    """Judge one log or one silence; `facts` come from build_facts and are not changed.

    1. Run the urgent rules.  2. Apply open alerts: they lower answered signs and keep signs that are gone.
    3. Run the watch rules.  4. Find tier, notices, nurse priority, messages and the signs for the alerts.
    """
    known = Known(facts, rulebook.derived_by_name)
    holding = list(compress(rulebook.urgent, rulebook.urgent_hold(known)))
    latched = apply_latch(known, frozenset(rule.sign for rule in holding), rulebook)
    told = [_fired(rule, known, rulebook) for rule in holding]
    fired = [*(entry for entry in told if entry.signs[0] not in latched.lowered), *latched.fired]
    known["fired"] = frozenset(entry.id for entry in fired)
    told += [_fired(rule, known, rulebook) for rule in _watch_rules(known, rulebook)]
    fired += told[len(holding) :]
    tier = most_urgent([entry.tier for entry in fired])
    return Verdict(
        tier=tier,
        fired=tuple(fired),
        notices=_notices(known, rulebook),
        nurse_priority=_nurse_priority(known, tier, told, latched, rulebook),
        messages=_messages(fired, tier, rulebook, known),
        signs=_signs(told, latched.lowered, known, rulebook),
        rulebook_hash=rulebook.hash,
        facts=facts,
    )


def _watch_rules(known: Mapping[str, Any], rulebook: Rulebook) -> list[Rule]:
    in_season = rulebook.watch_guard.holds(known)
    holding = compress(rulebook.watch, rulebook.watch_hold(known))
    return [rule for rule in holding if in_season or rule.any_hour]


def _fired(rule: Rule, known: Mapping[str, Any], rulebook: Rulebook) -> Fired:
    fired = next((variant.fired for variant in rule.variants if variant.when.holds(known)), rule.fired)
    hints = [hint.text for hint in rule.hints if hint.when.holds(known)]
    reason = " ".join([reason_of(rule.reason_from, fired.reason, known), *hints])
    message = fired.message.replace(fever_words(rulebook.content["numbers"]), fever_words(known))
    return replace(fired, reason=reason, message=message)


def fever_words(numbers: Mapping[str, Any]) -> str:
    """Return both fever limits as patient texts write them, so that a patient's own limit can replace them."""
    fahrenheit, celsius = numbers["fever_threshold_f"], numbers["fever_threshold_c"]
    return f"{_plain(fahrenheit)}°F ({_plain(celsius)}°C)"


def _plain(number: float) -> str:
    """Return a number as text, 38.0 as "38", as JavaScript writes it."""
    return str(int(number) if number == int(number) else number)


def _notices(known: Mapping[str, Any], rulebook: Rulebook) -> tuple[Notice, ...]:
    if not rulebook.notice_guard.holds(known):
        return ()
    shown = compress(rulebook.notices, rulebook.notices_hold(known))
    return tuple(Notice(notice.id, notice.text, notice.sources) for notice in shown)


def _messages(
    fired: Iterable[Fired], tier: str, rulebook: Rulebook, known: Mapping[str, Any]
) -> tuple[Message, ...]:
    """Return at most two different texts of the top tier, most specific first; the calm text when on track."""
    if tier == ON_TRACK:
        calm = rulebook.calm
        text = calm.message_unread if known["words_written"] else calm.message
        return (Message(calm.id, text, calm.sources),)
    top = sorted((entry for entry in fired if entry.tier == tier), key=lambda entry: -entry.specificity)
    texts: dict[str, Message] = {}
    for entry in top:
        texts.setdefault(entry.message, Message(entry.id, entry.message, entry.sources))
    return tuple(texts.values())[:MAX_MESSAGES]


def _nurse_priority(
    known: Known, tier: str, told: Iterable[Fired], latched: Latched, rulebook: Rulebook
) -> str | None:
    """Return P0 to P4 or None. Acknowledged signs count, and so do signs that an alert holds at doctor now."""
    urgent = {entry.signs[0] for entry in told if entry.tier == CALL_DOCTOR_NOW}
    urgent |= {sign for sign, held_at in latched.held if held_at == CALL_DOCTOR_NOW}
    known |= {"tier": tier, "urgent_signs": urgent, "hard_signs": rulebook.hard_signs}
    first = next(compress(rulebook.priorities, rulebook.priorities_hold(known)), None)
    return first.id if first else None


def _signs(
    told: Iterable[Fired], lowered: frozenset[str], known: Mapping[str, Any], rulebook: Rulebook
) -> tuple[SignNow, ...]:
    """Return one entry per sign reported now; a lowered sign is kept at watch, so that its alert is refreshed."""
    tiers: dict[str, str] = {}
    at_once: set[str] = set()
    reasons: dict[str, dict[str, None]] = {}
    for entry in told:
        (key,) = entry.signs
        tiers.setdefault(key, WATCH if key in lowered else entry.tier)
        reasons.setdefault(key, {})[entry.reason] = None
        if entry.er_now and key not in lowered:
            at_once.add(key)
    signs = (_sign_now(key, tier, key in at_once, known, rulebook) for key, tier in tiers.items())
    return tuple(replace(sign, reason=" ".join(reasons[sign.key])) for sign in signs)


def _sign_now(key: str, tier: str, er_now: bool, known: Mapping[str, Any], rulebook: Rulebook) -> SignNow:
    sign = rulebook.signs[key]
    snapshot: dict[str, Any] = {
        "pain": known["pain"],
        "pain_site": known["pain_site"],
        "temp_c": None if known["temp_c"] is None else round(known["temp_c"], 2),
    }
    for name, when in sign.snapshot:
        value = when.holds(known)
        snapshot[name] = sorted(value) if name == "regions" else value
    return SignNow(
        key=key,
        tier=tier,
        worse=key in known["open_signs"] and bool(sign.worse.holds(known)),
        fresh=bool(sign.fresh.holds(known)),
        snapshot=snapshot,
        er_now=er_now,
    )
