"""A log's answers in the words the patient saw, in the order of the questions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from recovery.triage.rulebook import answer_label, questions

# Shown by themselves, as the patient wrote them.
OWN_WORDS = ("notes", "question_for_team")
UNITS = {"temp_value": "", "walk_minutes": " min", "apap_total_mg": " mg", "opioid_hours_since": " h ago"}


@dataclass(frozen=True)
class Answer:
    """One question and what was answered."""

    question: str
    answer: str


def in_words(answers: Mapping[str, Any]) -> list[Answer]:
    """Every answered question; free text is left to quotes()."""
    return [
        Answer(field["question"], _words(field, answers[field["code"]], answers))
        for group in questions()
        for field in group["fields"]
        if answers.get(field["code"]) not in (None, "", []) and field["code"] not in (*OWN_WORDS, "temp_unit")
    ]


def quotes(answers: Mapping[str, Any]) -> list[str]:
    """What the patient wrote."""
    return [str(answers[name]) for name in OWN_WORDS if answers.get(name)]


def _words(field: Mapping[str, Any], value: Any, answers: Mapping[str, Any]) -> str:
    code = field["code"]
    if code == "temp_value":
        return f"{value} °{answers.get('temp_unit') or 'F'}"
    if isinstance(value, list):
        return ", ".join(answer_label(code, str(one)) for one in value)
    if field.get("values"):
        return answer_label(code, str(value))
    return f"{value} of 10" if field.get("range") == [0, 10] else f"{value}{UNITS.get(code, '')}"
