"""Build the Rulebook from the content of its files: parse, check and compile every condition once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from patients.tiers import ON_TRACK, URGENT, WATCH
from recovery.language.expression import ExpressionError, parse
from recovery.language.kinds import Kind, kind_of, require_bool
from recovery.language.python import compile_all, compile_node
from recovery.triage.facts import blank_facts
from recovery.triage.problem import Problem, RulebookError
from recovery.triage.shapes import (
    Calm,
    DerivedFact,
    Hint,
    LatchRule,
    Level,
    NoticeRule,
    PriorityRule,
    Rule,
    Rulebook,
    Sign,
    Variant,
    When,
)
from recovery.triage.verdict import Fired
from recovery.triage.vocabulary import fired_facts, latch_facts, priority_facts, raw_facts

Content = Mapping[str, Any]
Facts = Mapping[str, Kind]
Place = tuple[str, str]  # the file, the row


def build_rulebook(content: Content, content_hash: str) -> Rulebook:
    """Compile the content; RulebookError on the first row with a malformed condition."""
    facts = raw_facts(content)
    derived = _derived(content, facts)  # adds to facts, in order
    with_fired = {**facts, **fired_facts(content)}
    urgent = [rule for name in URGENT for rule in _rules(name, content, facts)]
    watch = _rules(WATCH, content, with_fired)
    notices = [_notice(row, facts) for row in content["notices"]["notice"]]
    priorities = _priorities(content, {**facts, **priority_facts(content)})
    signs = _signs(content, [*urgent, *watch], facts)
    return Rulebook(
        hash=content_hash,
        blank=blank_facts(content),
        derived=derived,
        derived_by_name={fact.name: fact.when.holds for fact in derived},
        urgent=tuple(urgent),
        urgent_hold=compile_all(rule.when.tree for rule in urgent),
        latch=tuple(_latch(row, {**facts, **latch_facts()}) for row in content["latch"]["rule"]),
        watch=tuple(watch),
        watch_hold=compile_all(rule.when.tree for rule in watch),
        watch_guard=when(("watch.toml", "guard"), content[WATCH]["guard"], facts),
        notices=tuple(notices),
        notices_hold=compile_all(notice.when.tree for notice in notices),
        notice_guard=when(("notices.toml", "guard"), content["notices"]["guard"], facts),
        priorities=priorities,
        priorities_hold=compile_all(row.when.tree for row in priorities),
        signs=signs,
        hard_signs=frozenset(sign.key for sign in signs.values() if sign.hard),
        calm=Calm(
            **{key: _frozen(content[ON_TRACK][key]) for key in ("id", "message", "message_unread", "sources")}
        ),
        content=content,
    )


def when(place: Place, text: str, facts: Facts, *, condition: bool = True) -> When:
    """Compile one expression; RulebookError names `place`, its file and row. A condition must be a bool."""
    try:
        tree = parse(text)
        if condition:
            require_bool(tree, facts)
        else:
            kind_of(tree, facts)
    except ExpressionError as error:
        raise RulebookError(Problem(*place, f"{error} in: {text}")) from error
    return When(text, tree, compile_node(tree))


def _derived(content: Content, facts: dict[str, Kind]) -> tuple[DerivedFact, ...]:
    made = []
    for row in content["derived"]["fact"]:
        place = ("derived.toml", row["name"])
        if row["name"] in facts:
            raise RulebookError(Problem(*place, "there already is a fact of this name"))
        definition = when(place, row["is"], facts, condition=False)
        facts[row["name"]] = kind_of(definition.tree, facts)
        made.append(DerivedFact(row["name"], row["meaning"], definition))
    return tuple(made)


def _rules(name: str, content: Content, facts: Facts) -> list[Rule]:
    file = content[name]
    return [_rule((f"{name}.toml", row["id"]), row, file["tier"], facts) for row in file["rule"]]


def _rule(place: Place, row: Content, tier: str, facts: Facts) -> Rule:
    told: dict[str, Any] = {
        "id": row["id"],
        "tier": tier,
        "message": row["message"],
        "reason": row["reason"],
        "sources": tuple(row["sources"]),
        "defaults": tuple(row["defaults"]),
        "specificity": row["specificity"],
    }
    fired = Fired(**told, signs=(row["sign"],))
    return Rule(
        **told,
        sign=row["sign"],
        plain=row["plain"],
        when=when(place, row["when"], facts),
        any_hour=row.get("any_hour", False),
        role=row.get("role", ""),
        reason_from=row.get("reason_from", ""),
        hints=tuple(Hint(when(place, hint["when"], facts), hint["text"]) for hint in row.get("hints", ())),
        fired=fired,
        variants=tuple(_variant(place, variant, fired, facts) for variant in row.get("variants", ())),
    )


def _variant(place: Place, row: Content, fired: Fired, facts: Facts) -> Variant:
    other = {key: value for key, value in row.items() if key != "when"}
    return Variant(when(place, row["when"], facts), replace(fired, **other))


def _latch(row: Content, facts: Facts) -> LatchRule:
    place = ("latch.toml", row["id"])
    levels = [
        Level(level["tier"], when(place, level["when"], facts), level.get("message")) for level in row["levels"]
    ]
    return LatchRule(
        id=row["id"],
        each=row["each"],
        plain=row["plain"],
        when=when(place, row["when"], facts),
        levels=tuple(levels),
        message=row["message"],
        reason=row["reason"],
        sources=tuple(row["sources"]),
        defaults=tuple(row["defaults"]),
        specificity=row["specificity"],
    )


def _notice(row: Content, facts: Facts) -> NoticeRule:
    condition = when(("notices.toml", row["id"]), row["when"], facts)
    return NoticeRule(row["id"], row["plain"], condition, row["text"], tuple(row["sources"]))


def _priorities(content: Content, facts: Facts) -> tuple[PriorityRule, ...]:
    return tuple(
        PriorityRule(row["id"], row["plain"], when(("priorities.toml", row["id"]), row["when"], facts))
        for row in content["priorities"]["priority"]
    )


def _signs(content: Content, rules: list[Rule], facts: Facts) -> dict[str, Sign]:
    """Return every sign: those of signs.toml, and one named like the rule for each other watch rule."""
    rows = {row["key"]: row for row in content["signs"]["sign"]}
    for rule in rules:
        rows.setdefault(rule.sign, {"key": rule.sign, "label": rule.reason.rstrip("."), "tier": rule.tier})
    return {key: _sign(row, rules, facts) for key, row in rows.items()}


def _sign(row: Content, rules: list[Rule], facts: Facts) -> Sign:
    place = ("signs.toml", row["key"])
    kept = row.get("snapshot", {}).items()
    raised_by = [rule.sources for rule in rules if rule.sign == row["key"]]
    return Sign(
        key=row["key"],
        label=row["label"],
        tier=row["tier"],
        seen_within_hours=row.get("seen_within_hours"),
        fresh=when(place, row.get("fresh", "false"), facts),
        worse=when(place, row.get("worse", "false"), facts),
        snapshot=tuple((name, when(place, text, facts, condition=False)) for name, text in kept),
        sources=tuple(dict.fromkeys(source for sources in raised_by for source in sources)),
    )


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
