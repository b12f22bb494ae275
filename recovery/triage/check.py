"""Check a rule book for what the compiler cannot see: ids, sources, signs, reading grade, reach."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from patients.tiers import ALERT_TIERS, CALL_911, CALL_DOCTOR_NOW, ON_TRACK, TIERS, URGENT, WATCH
from recovery.triage import roles
from recovery.triage.engine import evaluate
from recovery.triage.facts import build_facts, log_fields
from recovery.triage.language_check import language_problems
from recovery.triage.problem import Problem
from recovery.triage.questions_check import question_problems
from recovery.triage.reading_grade import reading_grade
from recovery.triage.reasons import REASONS
from recovery.triage.shapes import Rulebook
from recovery.triage.thresholds import threshold_problems

MAX_GRADE = 6.0
# An ordinary hour, at which a calm log fires no rule.
REACH_HOURS = 30.0

EACH = ("open_alert", "present_sign")
PRIORITIES = ("P0", "P1", "P2", "P3", "P4")

Content = Mapping[str, Any]


def problems_of(rulebook: Rulebook) -> list[Problem]:
    """Return the problems that can be found quickly; with an empty list the rule book may be used."""
    content = rulebook.content
    rows = list(_rows(content))
    found = [
        *_repeated("rule", [(file, row["id"]) for file, row in rows]),
        *_repeated("sign", [("signs.toml", row["key"]) for row in content["signs"]["sign"]]),
        *_repeated("question", [("questions.json", field["code"]) for field in log_fields(content)]),
        *_repeated("field", [("patient.json", field["name"]) for field in content["patient"]]),
        *_unknown_sources(content, rows),
        *_unknown_words(content),
        *_hard_to_read(rows),
        *_wrong_signs(content, rulebook),
        *_wrong_names(rulebook),
        *threshold_problems(content),
        *language_problems(content),
        *question_problems(content),
    ]
    return found or _unreachable(rulebook)


def _rows(content: Content) -> Iterator[tuple[str, Content]]:
    for name in (*URGENT, "latch", WATCH):
        for row in content[name]["rule"]:
            yield f"{name}.toml", row
    for row in content["notices"]["notice"]:
        yield "notices.toml", row
    yield "on_track.toml", content[ON_TRACK]


def _wrong_names(rulebook: Rulebook) -> Iterator[Problem]:
    """Yield roles and reasons that the code does not know, and roles of too few or too many rules."""
    rules = (*rulebook.urgent, *rulebook.watch)
    for rule in rules:
        if rule.role and rule.role not in roles.HOW_MANY:
            yield Problem(f"{rule.tier}.toml", rule.id, f"there is no role {rule.role!r}")
        if rule.reason_from and rule.reason_from not in REASONS:
            yield Problem(
                f"{rule.tier}.toml", rule.id, f"no words of recovery/triage/reasons.py: {rule.reason_from!r}"
            )
    for role, (least, most) in roles.HOW_MANY.items():
        have = sum(rule.role == role for rule in rules)
        if not least <= have <= most:
            yield Problem("rule book", "", f"{have} rules have the role {role!r}: from {least} to {most} may")


def _repeated(what: str, keys: list[tuple[str, str]]) -> Iterator[Problem]:
    for key, times in Counter(key for _, key in keys).items():
        if times > 1:
            last = [file for file, named in keys if named == key][-1]
            yield Problem(last, key, f"this {what} stands {times} times")


def _unknown_sources(content: Content, rows: Iterable[tuple[str, Content]]) -> Iterator[Problem]:
    sources = content["sources"]
    known = {row["key"] for row in sources["documents"]}
    known |= {f"{row['document']} {row['id']}" for row in sources["rows"]}
    defaults = {row["id"] for row in sources["defaults"]}
    known |= {f"default:{identifier}" for identifier in defaults}
    for name, default in content["number_defaults"].items():
        if default not in defaults:
            yield Problem("defaults.toml", name, f"there is no default {default!r}")
    asked = [
        ("questions.json", {"id": field["code"], "sources": field["sources"]}) for field in log_fields(content)
    ]
    for file, row in [*rows, *asked]:
        if not row["sources"]:
            yield Problem(file, row["id"], "names no source")
        for source in row["sources"]:
            if source not in known:
                yield Problem(file, row["id"], f"there is no source {source!r}")
        for default in row.get("defaults", ()):
            if default not in defaults:
                yield Problem(file, row["id"], f"there is no default {default!r}")


def _unknown_words(content: Content) -> Iterator[Problem]:
    """Yield tiers, kinds of latch rule and nurse priorities that are not in their closed list."""
    for name in reversed(TIERS):
        if content[name]["tier"] != name:
            yield Problem(f"{name}.toml", "tier", f"must be {name!r}, not {content[name]['tier']!r}")
    for row in content[CALL_911]["rule"]:
        if any("tier" in variant for variant in row.get("variants", ())):
            yield Problem("call_911.toml", row["id"], "nothing lowers a 911 rule: a variant has no tier here")
    for name in (CALL_DOCTOR_NOW, WATCH):
        for row in content[name]["rule"]:
            if any(variant.get("tier", name) not in ALERT_TIERS for variant in row.get("variants", ())):
                yield Problem(f"{name}.toml", row["id"], "there is no such tier for a variant")
    for row in content["signs"]["sign"]:
        if row["tier"] not in ALERT_TIERS:
            yield Problem("signs.toml", row["key"], f"there is no tier {row['tier']!r}")
    for row in content["latch"]["rule"]:
        if row["each"] not in EACH:
            yield Problem("latch.toml", row["id"], f"each must be one of: {', '.join(EACH)}")
        for level in row["levels"]:
            if level["tier"] not in ALERT_TIERS:
                yield Problem("latch.toml", row["id"], f"there is no tier {level['tier']!r}")
    for row in content["priorities"]["priority"]:
        if row["id"] not in PRIORITIES:
            yield Problem("priorities.toml", row["id"], f"must be one of: {', '.join(PRIORITIES)}")


def _hard_to_read(rows: Iterable[tuple[str, Content]]) -> Iterator[Problem]:
    for file, row in rows:
        for text in _texts_of(row):
            if not text.strip():
                yield Problem(file, row["id"], "says nothing to the patient")
            elif (grade := reading_grade(text)) > MAX_GRADE:
                reason = f"the patient's text reads at grade {grade:.1f}, over {MAX_GRADE:.0f}"
                yield Problem(file, row["id"], reason)


def _texts_of(row: Content) -> Iterator[str]:
    """Yield every text that a row may show to the patient."""
    yield row["message"] if "message" in row else row["text"]
    for part in (*row.get("variants", ()), *row.get("levels", ())):
        if "message" in part:
            yield part["message"]


def _wrong_signs(content: Content, rulebook: Rulebook) -> Iterator[Problem]:
    """Yield rules whose sign is missing or of another tier, because an alert opens with that sign."""
    described = {row["key"] for row in content["signs"]["sign"]}
    raised = set()
    for rule in (*rulebook.urgent, *rulebook.watch):
        raised.add(rule.sign)
        if rule.sign not in described and rule.sign != rule.id:
            yield Problem(f"{rule.tier}.toml", rule.id, f"the sign {rule.sign!r} is not in signs.toml")
        elif rulebook.signs[rule.sign].tier != rule.tier:
            yield Problem(f"{rule.tier}.toml", rule.id, f"the sign {rule.sign!r} belongs to another tier")
    for key in sorted(described - raised):
        yield Problem("signs.toml", key, "no rule raises this sign")


def _unreachable(rulebook: Rulebook) -> list[Problem]:
    """Return a problem for each tier that no single answer reaches from a calm log, which must be on track."""
    calm = calm_log(rulebook.content)
    reached = {_tier(calm, rulebook)}
    if reached != {ON_TRACK}:
        return [Problem("rule book", "", "a log without any complaint is not on track")]
    for group in rulebook.content["groups"]:
        for field in group["fields"]:
            for value in field.get("values", ()):
                answer = [value["code"]] if field["type"] == "set" else value["code"]
                reached.add(_tier({**calm, field["code"]: answer}, rulebook))
    return [Problem("rule book", "", f"no single answer leads to {tier}") for tier in TIERS if tier not in reached]


def _tier(log: Content, rulebook: Rulebook) -> str:
    return evaluate(build_facts({}, REACH_HOURS, log, (), rulebook), rulebook).tier


def calm_log(content: Content) -> dict[str, Any]:
    """Return a log with the calm answer to every required question: the first choice or the lowest number."""
    return {
        field["code"]: field["values"][0]["code"] if "values" in field else field["range"][0]
        for group in content["groups"]
        for field in group["fields"]
        if field["required"]
    }
