"""What was sent with a log and is no answer: a text past its bound, and what could not be read.

It is kept beside the answers (DailyLog.left_over) and heard: the rules look for danger words in it too. Pure.
"""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from patients.values.typed_text import clean
from recovery.triage.rulebook import questions

MOST_UNREAD, LONGEST_UNREAD, LONGEST_NAME = 40, 200, 60
NOTE = "notes"


@cache
def bounds() -> Mapping[str, int]:
    """The longest text of each question that takes one, in letters."""
    fields = [field for group in questions() for field in group["fields"]]
    return {field["code"]: field["maxlen"] for field in fields if field["type"] == "text"}


def head(code: str, text: Any) -> Any:
    """As much of a text as is kept as the answer; anything else as it is."""
    return text[: bounds()[code]] if code in bounds() and isinstance(text, str) else text


def parted(answers: Mapping[str, Any], unread: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """As a log is stored: the answers, and {"rest": texts past their bound, "unread": what came as no answer}."""
    kept = {code: head(code, answer) for code, answer in answers.items()}
    rest = {code: answers[code][len(kept[code]) :] for code in bounds() if kept.get(code) != answers.get(code)}
    told = {name(code): as_text(value) for code, value in list(unread.items())[:MOST_UNREAD]}
    found = {"rest": rest, "unread": {code: text for code, text in told.items() if text}}
    return kept, {part: texts for part, texts in found.items() if texts}


def whole(answers: Mapping[str, Any], left_over: Mapping[str, Any]) -> dict[str, str]:
    """The texts of a stored log as they were written, by question."""
    rest = left_over.get("rest", {})
    texts = {code: str(answers.get(code) or "") + rest.get(code, "") for code in bounds()}
    return {code: text for code, text in texts.items() if text}


def heard(answers: Mapping[str, Any], left_over: Mapping[str, Any]) -> dict[str, Any]:
    """What the rules read of a stored log: each text whole, and what could not be read as part of the note."""
    texts, unread = whole(answers, left_over), left_over.get("unread", {})
    if unread:
        texts[NOTE] = "\n".join([*([texts[NOTE]] if NOTE in texts else []), *unread.values()])
    return {**answers, **texts}


def not_understood(left_over: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The questions of a stored log whose answers nobody could read, each with what was sent."""
    asked = {field["code"]: field["question"] for group in questions() for field in group["fields"]}
    asked["answered_at"] = "When was this?"
    return [(asked.get(code, code), text) for code, text in left_over.get("unread", {}).items()]


def as_text(value: Any) -> str:
    """What somebody sent as an answer, as a short text."""
    if value is None or value == []:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return clean(text).strip()[:LONGEST_UNREAD]


def name(code: object) -> str:
    """The name somebody gave an answer, fit to keep."""
    return clean(str(code))[:LONGEST_NAME]
