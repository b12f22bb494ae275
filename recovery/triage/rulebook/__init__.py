"""The rule book: rules, questions, signs and defaults as data, and the functions that read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from patients.tiers import ALERT_TIERS
from recovery.triage.build import build_rulebook
from recovery.triage.check import problems_of
from recovery.triage.facts import log_fields
from recovery.triage.problem import RulebookError
from recovery.triage.roles import SILENCE
from recovery.triage.rulebook.files import FOLDER, content_hash, read_content
from recovery.triage.rulebook.places import located
from recovery.triage.shapes import Rulebook

__all__ = [
    "Rulebook",
    "RulebookError",
    "answer_label",
    "beside",
    "default_row",
    "fallback_minutes",
    "load_rulebook",
    "questions",
    "rule_in",
    "rulebook_in",
    "rules_in",
    "silence_sign",
    "sign_label",
    "signs_of",
    "source_row",
    "source_title",
]


@cache
def load_rulebook() -> Rulebook:
    """Return the compiled rule book, read once per process; RulebookError when any part is malformed."""
    return rulebook_in(FOLDER)


def rulebook_in(folder: Path) -> Rulebook:
    """Return the rule book of a folder; RulebookError names the file, the line, the row and the reason."""
    content = read_content(folder)
    try:
        rulebook = build_rulebook(content, content_hash(content))
    except RulebookError as error:
        raise RulebookError(*located(error.problems, folder)) from error
    if problems := problems_of(rulebook):
        raise RulebookError(*located(problems, folder))
    return rulebook


def questions() -> Sequence[Mapping[str, Any]]:
    """Return the groups of the log in screen order; each has `fields` with code, type, question, values, range."""
    groups: Sequence[Mapping[str, Any]] = read_content()["groups"]
    return groups


def beside() -> Sequence[Mapping[str, Any]]:
    """Return the fields that come with a log and are never asked: door, short answer, seconds by step."""
    fields: Sequence[Mapping[str, Any]] = read_content()["beside"]
    return fields


@cache
def _fields() -> Mapping[str, Mapping[str, Any]]:
    return {field["code"]: field for field in log_fields(read_content())}


def answer_label(field: str, value: str) -> str:
    """Return the words the patient saw for an answer, or the code of an unknown answer.

    KeyError for an unknown field.
    """
    values = _fields()[field].get("values", ())
    return next((str(known["label"]) for known in values if known["code"] == value), value)


@cache
def rules_in(role: str) -> frozenset[str]:
    """Return the ids of the rules that have this role (recovery.triage.roles)."""
    content = read_content()
    return frozenset(row["id"] for name in ALERT_TIERS for row in content[name]["rule"] if row.get("role") == role)


def rule_in(role: str) -> str:
    """Return the id of the one rule that has this role; ValueError when it is not exactly one."""
    (found,) = rules_in(role)
    return found


def silence_sign() -> str:
    """Return the key of the sign for silence."""
    return _signs()[rule_in(SILENCE)]


def sign_label(key: str) -> str:
    """Return the nurse's words for a sign key; the key itself when it is unknown (from an older rule book)."""
    sign = load_rulebook().signs.get(key)
    return sign.label if sign else key


@cache
def _titles() -> Mapping[str, str]:
    return {row["key"]: row["title"] for row in read_content()["sources"]["documents"]}


def source_title(source: str) -> str:
    """Return the title of a source's document, for example for "healthwise DN-10"; KeyError when unknown."""
    if source.startswith("default:"):
        return "App default, not from the documents"
    return _titles()[source.split()[0]]


@cache
def _rows() -> Mapping[str, Mapping[str, Any]]:
    return {f"{row['document']} {row['id']}": row for row in read_content()["sources"]["rows"]}


def source_row(source: str) -> Mapping[str, Any] | None:
    """Return the traceability row of a source such as "healthwise DN-10"; None for a document or a default."""
    return _rows().get(source)


def default_row(identifier: str) -> Mapping[str, Any]:
    """Return the row that explains an app default ("DF-13" or "default:DF-13"); KeyError when unknown."""
    wanted = identifier.removeprefix("default:")
    for row in read_content()["sources"]["defaults"]:
        if row["id"] == wanted:
            found: Mapping[str, Any] = row
            return found
    raise KeyError(identifier)


@cache
def _signs() -> Mapping[str, str]:
    return {row["id"]: row["sign"] for name in ALERT_TIERS for row in read_content()[name]["rule"]}


def signs_of(rules: Iterable[str]) -> list[str]:
    """Return the keys of the signs that these rules raise; unknown rule ids are skipped."""
    return [_signs()[rule] for rule in rules if rule in _signs()]


def fallback_minutes(signs: Sequence[str], config: Mapping[str, Any] | None = None) -> int:
    """Return the minutes without a call-back until the patient should go in: the shortest of the signs (DF-39)."""
    minutes: Mapping[str, int] = {**read_content()["fallback_minutes"], **(config or {}).get("fallback_min", {})}
    return min((minutes[sign] for sign in signs if sign in minutes), default=minutes["default"])
