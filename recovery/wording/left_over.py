"""The leftover of a log: the end of a text past its bound, and answers that could not be read.

It is stored beside the answers (DailyLog.left_over), and the rules look for danger words in it too. Pure.
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
    """Return the longest stored text of each text question, in characters."""
    fields = [field for group in questions() for field in group["fields"]]
    return {field["code"]: field["maxlen"] for field in fields if field["type"] == "text"}


def head(code: str, text: Any) -> Any:
    """Return the part of a text that is kept as the answer; other values unchanged."""
    return text[: bounds()[code]] if code in bounds() and isinstance(text, str) else text


def parted(answers: Mapping[str, Any], unread: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the answers and the leftover: {"rest": texts past their bounds, "unread": unreadable answers}."""
    kept = {code: head(code, answer) for code, answer in answers.items()}
    rest = {code: answers[code][len(kept[code]) :] for code in bounds() if kept.get(code) != answers.get(code)}
    told = {name(code): as_text(value) for code, value in list(unread.items())[:MOST_UNREAD]}
    found = {"rest": rest, "unread": {code: text for code, text in told.items() if text}}
    return kept, {part: texts for part, texts in found.items() if texts}


def whole(answers: Mapping[str, Any], left_over: Mapping[str, Any]) -> dict[str, str]:
    """Return the texts of a stored log in full length, by question."""
    rest = left_over.get("rest", {})
    texts = {code: str(answers.get(code) or "") + rest.get(code, "") for code in bounds()}
    return {code: text for code, text in texts.items() if text}


def heard(answers: Mapping[str, Any], left_over: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers for the rules: texts in full length, unreadable answers as part of the note."""
    texts, unread = whole(answers, left_over), left_over.get("unread", {})
    if unread:
        texts[NOTE] = "\n".join([*([texts[NOTE]] if NOTE in texts else []), *unread.values()])
    return {**answers, **texts}


def not_understood(left_over: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the questions of a stored log with unreadable answers, each with what was sent."""
    asked = {field["code"]: field["question"] for group in questions() for field in group["fields"]}
    asked["answered_at"] = "When was this?"
    return [(asked.get(code, code), text) for code, text in left_over.get("unread", {}).items()]


def as_text(value: Any) -> str:
    """Return a sent value as a short text."""
    if value is None or value == []:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return clean(text).strip()[:LONGEST_UNREAD]


def name(code: object) -> str:
    """Return the name of a sent field in a form that can be stored."""
    return clean(str(code))[:LONGEST_NAME]
