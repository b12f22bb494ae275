"""The answers of a log in the words the patient saw, in the order of the questions."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from recovery.models import DailyLog
from recovery.triage.roles import MISSING
from recovery.triage.rulebook import answer_label, beside, load_rulebook, questions, rule_in
from recovery.wording.left_over import bounds

UNITS = {"temp_value": "", "walk_minutes": " min", "apap_total_mg": " mg", "opioid_hours_since": " h ago"}


@dataclass(frozen=True)
class Answer:
    """One question with its answer."""

    question: str
    answer: str


def in_words(answers: Mapping[str, Any]) -> list[Answer]:
    """Return every answered question; quotes() returns the free text."""
    asked = [field for group in questions() for field in group["fields"]]
    return [
        Answer(field["question"], _words(field, answers[field["code"]], answers))
        for field in (*came_by(), *asked)
        if answers.get(field["code"]) not in (None, "", []) and field["code"] not in (*bounds(), "temp_unit")
    ]


def came_by() -> list[Mapping[str, Any]]:
    """Return facts that were not asked but help a nurse: the door of the log, and a short answer."""
    return [field for field in beside() if field.get("values")]


@cache
def asked_by(rule_id: str) -> frozenset[str]:
    """Return the questions a rule's condition uses, also through derived facts."""
    book = load_rulebook()
    derived = {fact.name: fact.when.text for fact in book.derived}
    codes = {field["code"] for group in questions() for field in group["fields"]}
    found: set[str] = set()
    waiting = [rule.when.text for rule in (*book.urgent, *book.watch) if rule.id == rule_id]
    while waiting:
        names = set(re.findall(r"[a-z_0-9]+", waiting.pop())) - found
        found |= names
        waiting += [derived[name] for name in names if name in derived]
    return frozenset(found & codes)


def answered(rule_id: str, answers: Mapping[str, Any]) -> str:
    """Return the answers that made a rule fire, such as "Legs or feet; It started after my procedure"."""
    if rule_id == rule_in(MISSING):
        return ""
    asked = asked_by(rule_id)
    calm = {field["code"]: field.get("default") for group in questions() for field in group["fields"]}
    told = {code: value for code, value in answers.items() if code in asked and value != calm.get(code)}
    gates = {code for code in told if code.endswith("_gate")}
    shown = {code: value for code, value in told.items() if code not in gates} or told
    return "; ".join(f"{entry.question} {entry.answer}" for entry in in_words(shown))


def quotes(log: DailyLog) -> list[str]:
    """Return the patient's free text in full length."""
    return list(log.words.values())


def _words(field: Mapping[str, Any], value: Any, answers: Mapping[str, Any]) -> str:
    code = field["code"]
    if code == "temp_value":
        return f"{value} °{answers.get('temp_unit') or 'F'}"
    if isinstance(value, list):
        return ", ".join(answer_label(code, str(one)) for one in value)
    if field.get("values"):
        return answer_label(code, str(value))
    return f"{value} of 10" if field.get("range") == [0, 10] else f"{value}{UNITS.get(code, '')}"
