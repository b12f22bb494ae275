"""Is this rule book well formed? What the compiler cannot see: ids, sources, signs, reading grade, reach."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from recovery.triage.engine import evaluate
from recovery.triage.facts import build_facts
from recovery.triage.reading_grade import reading_grade
from recovery.triage.shapes import Rulebook
from recovery.triage.tiers import ON_TRACK, TIERS

MAX_GRADE = 6.0
# An ordinary day: no other rule but the one that a single answer raises should hold there.
REACH_HOURS = 30.0

Content = Mapping[str, Any]


def problems_of(rulebook: Rulebook) -> list[str]:
    """Every problem as "file: rule: reason"; an empty list means the rule book may be used."""
    content = rulebook.content
    rows = list(_rows(content))
    found = [
        *_repeated("rule", [row["id"] for _, row in rows]),
        *_repeated("sign", [row["key"] for row in content["signs"]["sign"]]),
        *_repeated("question", [field["code"] for group in content["groups"] for field in group["fields"]]),
        *_unknown_sources(content, rows),
        *_hard_to_read(rows),
        *_wrong_signs(content, rulebook),
    ]
    return found or _unreachable(rulebook)


def _rows(content: Content) -> Iterator[tuple[str, Content]]:
    for name in ("call_911", "call_doctor_now", "latch", "watch"):
        for row in content[name]["rule"]:
            yield f"{name}.toml", row
    for row in content["notices"]["notice"]:
        yield "notices.toml", row
    yield "on_track.toml", content["on_track"]


def _repeated(what: str, keys: list[str]) -> Iterator[str]:
    for key, times in Counter(keys).items():
        if times > 1:
            yield f"rule book: {key}: this {what} stands {times} times"


def _unknown_sources(content: Content, rows: Iterable[tuple[str, Content]]) -> Iterator[str]:
    sources = content["sources"]
    known = {row["key"] for row in sources["documents"]}
    known |= {f"{row['document']} {row['id']}" for row in sources["rows"]}
    defaults = {row["id"] for row in sources["defaults"]}
    known |= {f"default:{identifier}" for identifier in defaults}
    for name, default in content["number_defaults"].items():
        if default not in defaults:
            yield f"defaults.toml: {name}: there is no default {default!r}"
    for file, row in rows:
        if not row["sources"]:
            yield f"{file}: {row['id']}: names no source"
        for source in row["sources"]:
            if source not in known:
                yield f"{file}: {row['id']}: there is no source {source!r}"
        for default in row.get("defaults", ()):
            if default not in defaults:
                yield f"{file}: {row['id']}: there is no default {default!r}"


def _hard_to_read(rows: Iterable[tuple[str, Content]]) -> Iterator[str]:
    for file, row in rows:
        grade = reading_grade(row.get("message") or row["text"])
        if grade > MAX_GRADE:
            yield f"{file}: {row['id']}: the patient's text reads at grade {grade:.1f}, over {MAX_GRADE:.0f}"


def _wrong_signs(content: Content, rulebook: Rulebook) -> Iterator[str]:
    """An urgent rule needs a described sign of its own tier: an alert is opened in that sign's name."""
    described = {row["key"] for row in content["signs"]["sign"]}
    raised = set()
    for rule in (*rulebook.urgent, *rulebook.watch):
        raised.add(rule.sign)
        if rule.sign not in described and rule.sign != rule.id:
            yield f"{rule.tier}.toml: {rule.id}: the sign {rule.sign!r} is not in signs.toml"
        elif rulebook.signs[rule.sign].tier != rule.tier:
            yield f"{rule.tier}.toml: {rule.id}: the sign {rule.sign!r} belongs to another tier"
    for key in sorted(described - raised):
        yield f"signs.toml: {key}: no rule raises this sign"


def _unreachable(rulebook: Rulebook) -> list[str]:
    """Each tier must be one answer away from a calm log, and the calm log itself on track."""
    calm = calm_log(rulebook.content)
    reached = {_tier(calm, rulebook)}
    if reached != {ON_TRACK}:
        return ["rule book: a log without any complaint is not on track"]
    for group in rulebook.content["groups"]:
        for field in group["fields"]:
            for value in field.get("values", ()):
                answer = [value["code"]] if field["type"] == "set" else value["code"]
                reached.add(_tier({**calm, field["code"]: answer}, rulebook))
    return [f"rule book: no single answer leads to {tier}" for tier in TIERS if tier not in reached]


def _tier(log: Content, rulebook: Rulebook) -> str:
    return evaluate(build_facts({}, REACH_HOURS, log, (), rulebook), rulebook).tier


def calm_log(content: Content) -> dict[str, Any]:
    """A log in which every required question has its calm answer: the first choice, or the lowest number."""
    return {
        field["code"]: field["values"][0]["code"] if "values" in field else field["range"][0]
        for group in content["groups"]
        for field in group["fields"]
        if field["required"]
    }
