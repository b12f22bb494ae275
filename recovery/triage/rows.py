"""The shape of each file of the rule book: the keys a row must have and may have; other keys are refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from patients.tiers import CALL_911, CALL_DOCTOR_NOW, ON_TRACK, WATCH
from recovery.triage.problem import Problem

Kinds = Mapping[str, type]
_WORDS = {str: "a text", list: "a list", int: "a whole number", bool: "true or false", dict: "a table"}
# "number" is any number, "any" is anything at all.
_NUMBER, _ANY = float, object

_RULE: Kinds = {
    **dict.fromkeys(("id", "sign", "plain", "when", "message", "reason"), str),
    **dict.fromkeys(("sources", "defaults"), list),
    "specificity": int,
}
_LATCH: Kinds = {name: kind for name, kind in _RULE.items() if name != "sign"} | {"each": str, "levels": list}
_QUESTION: Kinds = {"code": str, "type": str, "required": bool, "question": str, "show_if": str, "sources": list}
_QUESTION_MORE: Kinds = {
    "values": list, "range": list, "default": _ANY, "unit": str, "help": str, "maxlen": int, "step": _NUMBER,
    "loinc": str, "sign": str, **dict.fromkeys(("in_list", "asked_when", "shown_when", "at_once_when"), str),
}  # fmt: skip
_DEFAULTS: Kinds = {"numbers": dict, "choices": dict, "missed_log": list, "fallback_minutes": dict}
_LANGUAGE: Kinds = {
    "language": str,
    "reviewed": bool,
    **dict.fromkeys(("stops", "plain", "joined"), list),
    **dict.fromkeys(("lists", "concepts", "by_helper", "marks"), dict),
}


@dataclass(frozen=True, slots=True)
class Table:
    """A TOML file: `rows` is the name of its rows, `key` names each row, `beside` are the keys above the rows."""

    rows: str
    key: str
    must: Kinds
    may: Kinds = field(default_factory=dict)
    beside: Kinds = field(default_factory=dict)


_RULE_MORE: Kinds = {"hints": list, "variants": list, "any_hour": bool, "role": str, "reason_from": str}
_TIER = Table("rule", "id", _RULE, _RULE_MORE, {"tier": str})
_WATCH = Table("rule", "id", _RULE, _RULE_MORE, {"tier": str, "guard": str})
_CONDITION = dict.fromkeys(("id", "plain", "when"), str)
_SIGN_MORE: Kinds = {"seen_within_hours": int, "fresh": str, "worse": str, "snapshot": dict}
TABLES: Mapping[str, Table] = {
    CALL_911: _TIER,
    CALL_DOCTOR_NOW: _TIER,
    WATCH: _WATCH,
    "latch": Table("rule", "id", _LATCH),
    "notices": Table("notice", "id", {**_CONDITION, "text": str, "sources": list}, beside={"guard": str}),
    "priorities": Table("priority", "id", _CONDITION),
    "signs": Table("sign", "key", dict.fromkeys(("key", "label", "tier"), str), _SIGN_MORE),
    "concepts": Table(
        "concept",
        "key",
        dict.fromkeys(("key", "tier", "name", "asks"), str),
        beside={"negation_window_words": int},
    ),
    "derived": Table("fact", "name", dict.fromkeys(("name", "meaning", "is"), str)),
}
# Parts of a row: the keys each must have, and those it may have.
_PARTS: Mapping[str, tuple[Kinds, Kinds]] = {
    "levels": ({"tier": str, "when": str}, {"message": str}),
    "hints": ({"when": str, "text": str}, {}),
    "variants": ({"when": str, "message": str}, {"tier": str, "specificity": int, "er_now": bool}),
}


def misshapen(files: Mapping[str, Any]) -> Iterator[Problem]:
    """Return missing and unknown keys and values of the wrong kind, before the files are compiled."""
    for name, table in TABLES.items():
        yield from _table(f"{name}.toml", files[name], table)
    calm: Kinds = {**dict.fromkeys(("id", "tier", "plain", "message", "message_unread"), str), "sources": list}
    yield from _row("on_track.toml", "id", files[ON_TRACK], calm)
    yield from _defaults(files["defaults"])
    for name in ("english", "spanish"):
        yield from _language(f"{name}.toml", files[name])
    yield from _questions(files["questions"])
    yield from _lists("patient.json", files["patient"], ("fields", "overrides", "alert", "snapshot"))
    yield from _lists("sources.json", files["sources"], ("documents", "rows", "defaults"))


def _table(file: str, content: Mapping[str, Any], table: Table) -> Iterator[Problem]:
    beside = {key: value for key, value in content.items() if key != table.rows}
    yield from _row(file, "", beside, table.beside)
    rows = content.get(table.rows)
    if not isinstance(rows, list) or not rows:
        yield Problem(file, "", f"has no [[{table.rows}]]")
        return
    for number, row in enumerate(rows, start=1):
        named = row[table.key] if isinstance(row.get(table.key), str) else f"{table.rows} {number}"
        yield from _row(file, named, row, table.must, table.may)
        for part, (must, may) in _PARTS.items():
            for inner in row[part] if isinstance(row.get(part), list) else ():
                yield from _row(file, named, inner, must, may)


def _row(file: str, name: str, row: Any, must: Kinds, may: Kinds | None = None) -> Iterator[Problem]:
    """Check one row against its keys; a row without a name is reported under the key."""
    if not isinstance(row, dict):
        yield Problem(file, name, "must be a table")
        return
    known = {**must, **(may or {})}
    for key in must:
        if key not in row:
            yield Problem(file, name, f"{key!r} is missing")
    for key, value in row.items():
        if key not in known:
            yield Problem(file, name or key, f"{key!r} is not known here")
        elif not _is(value, known[key]):
            yield Problem(file, name or key, f"{key!r} must be {_WORDS.get(known[key], 'a number')}")
        elif known[key] is list and key not in _PARTS and not _texts(key, value):
            yield Problem(file, name or key, f"{key!r} must hold texts only")


def _is(value: Any, kind: type) -> bool:
    if kind is _ANY:
        return True
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, int | float) if kind is _NUMBER else isinstance(value, kind)


def _texts(key: str, value: list[Any]) -> bool:
    of_texts = key in ("sources", "defaults", "stops", "plain", "joined")
    return not of_texts or all(isinstance(member, str) for member in value)


def _defaults(content: Mapping[str, Any]) -> Iterator[Problem]:
    file = "defaults.toml"
    wrong = list(_row(file, "", content, _DEFAULTS))
    yield from wrong
    if wrong:
        return
    for name, row in content["numbers"].items():
        yield from _row(file, name, row, {"is": _NUMBER, "default": str})
    for name, row in content["choices"].items():
        yield from _row(file, name, row, {"is": str, "values": list, "default": str})
    for number, row in enumerate(content["missed_log"], start=1):
        yield from _row(file, f"missed_log {number}", row, {"gap_h": _NUMBER}, {"until_h": _NUMBER})
    yield from _row(file, "fallback_minutes", content["fallback_minutes"], _all_whole(content))


def _language(file: str, content: Mapping[str, Any]) -> Iterator[Problem]:
    wrong = list(_row(file, "", content, _LANGUAGE))
    yield from wrong
    for part in () if wrong else ("lists", "concepts", "by_helper", "marks"):
        for name, words in content[part].items():
            if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
                yield Problem(file, name, "must be a list of texts")


def _all_whole(content: Mapping[str, Any]) -> Kinds:
    return {"default": int, **dict.fromkeys(content["fallback_minutes"], int)}


def _questions(content: Any) -> Iterator[Problem]:
    file = "questions.json"
    wrong = list(_lists(file, content, ("groups", "beside")))
    yield from wrong
    for group in () if wrong else content["groups"]:
        fields = group.get("fields")
        if not isinstance(fields, list):
            yield Problem(file, str(group.get("id", "")), "'fields' must be a list")
            continue
        for row in fields:
            yield from _row(file, str(row.get("code", "")), row, _QUESTION, _QUESTION_MORE)
    for row in () if wrong else content["beside"]:
        yield from _row(file, str(row.get("code", "")), row, _QUESTION, _QUESTION_MORE)


def _lists(file: str, content: Any, names: tuple[str, ...]) -> Iterator[Problem]:
    for name in names:
        rows = content.get(name) if isinstance(content, dict) else None
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            yield Problem(file, name, "must be a list of objects")
