"""Clinic settings (rulebook/settings.toml): their bounds, which direction is stricter, and what needs a sign-off.

A config holds only the keys a clinic changed, named and shaped as in the log schema's config defaults. An override
for one patient replaces the clinic's setting, but for fever limits the lower of the two counts.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import time
from functools import cache
from typing import Any

from patients.values.bounds import QUIET_HOURS_MOST
from patients.values.wall_clock import QuietHours
from recovery.triage.field_types import is_clock, is_finite_number
from recovery.triage.numbers import SPANS, Config, number_facts
from recovery.triage.rulebook.files import FOLDER, read_content

__all__ = ["Config", "Setting", "fixed", "needs_sign_off", "settings", "validate_config"]

Problem = tuple[str, str]

GROUPS = ("fever", "pain", "silence", "times", "medicines", "answers", "billing")
LATER = "later"


@dataclass(frozen=True, slots=True)
class Setting:
    """One key of a config. `parts` are its numbers, each with the lowest and highest; clock times have none."""

    key: str
    group: str
    label: str
    help: str
    kind: str
    unit: str
    stricter: str
    # The app default behind it; empty where no rule reads the setting: `source` then says where it is from.
    default_id: str
    source: str
    default: Any
    parts: Mapping[str, tuple[float, float]]
    step: float
    most: tuple[int, int]
    # The values of a choice with their words, strictest first.
    options: Mapping[str, str]


@cache
def settings() -> Mapping[str, Setting]:
    """Return every setting by its key, in the order of the page."""
    return {row["key"]: _setting(row) for row in _file()["setting"]}


@cache
def fixed() -> Mapping[str, tuple[Any, str, str]]:
    """Return what no clinic may change, by key: (value, label, why)."""
    content = read_content()
    known = {"hard_signs": sorted(s["key"] for s in content["signs"]["sign"] if "seen_within_hours" in s)}
    return {
        row["key"]: (row.get("is", known.get(row["key"])), row["label"], row["why"]) for row in _file()["fixed"]
    }


def validate_config(config: Any) -> list[Problem]:
    """Return the problems of a clinic's config as (key, reason); with an empty list it may be used."""
    if not isinstance(config, dict):
        return [("", "must be an object")]
    return [(_short(key), reason) for key, value in config.items() for reason in _reasons(key, value)]


def needs_sign_off(key: str, old: Any, new: Any) -> bool:
    """Return whether the medical lead must sign: the new value is less strict than the old one or the default.

    Both values must be valid for the key; `old` None means the default. KeyError for an unknown setting.
    """
    setting = settings()[key]
    before = [setting.default] if old is None else [setting.default, old]
    return any(looser(setting, one, new) for one in before)


def looser(setting: Setting, old: Any, new: Any) -> bool:
    """Return whether any part of the new value is less strict than in the old one."""
    match setting.stricter:
        case "lower" | "higher":
            before, after = numbers_in(setting, old), numbers_in(setting, new)
            sign = 1 if setting.stricter == "lower" else -1
            return any((after[part] - before[part]) * sign > 0 for part in setting.parts)
        case "shorter":
            return not _quiet(new).lies_in(_quiet(old))
        case "more":
            return len(new) < len(old)
        case "first":
            order = list(setting.options)
            return order.index(new) > order.index(old)
        case _:
            return False


def numbers_in(setting: Setting, value: Any) -> dict[str, float]:
    """Return the numbers of a valid value by part; missing parts of fallback_min get their default."""
    match setting.kind:
        case "span":
            return dict(zip(setting.parts, value, strict=True))
        case "phases":
            return dict(zip(setting.parts, (row["gap_h"] for row in value), strict=True))
        case "minutes":
            return {**setting.default, **value}
        case _:
            return {"": value}


def value_of(setting: Setting, numbers: Mapping[str, float]) -> Any:
    """Return one number per part in the shape the key's value has; the reverse of numbers_in."""
    match setting.kind:
        case "span":
            return list(numbers.values())
        case "phases":
            return [{"until_h": _until(part), "gap_h": number} for part, number in numbers.items()]
        case "minutes":
            return dict(numbers)
        case _:
            return numbers[""]


@cache
def _file() -> Mapping[str, Any]:
    return tomllib.loads((FOLDER / "settings.toml").read_text(encoding="utf-8"))


def _setting(row: Mapping[str, Any]) -> Setting:
    bounds = row.get("bounds", (0, 0))
    parts = row.get("parts") or ({"": bounds} if row["kind"] == "number" else {})
    return Setting(
        key=row["key"],
        group=row["group"],
        label=row["label"],
        help=row["help"],
        kind=row["kind"],
        unit=row["unit"],
        stricter=row["stricter"],
        default_id=row.get("default", ""),
        source=row.get("source", ""),
        default=row["is"] if "is" in row else _default(row["key"]),
        parts={part: (low, high) for part, (low, high) in parts.items()},
        step=row.get("step", 1),
        most=(int(bounds[0]), int(bounds[1])),
        options={option["value"]: option["label"] for option in row.get("options", ())},
    )


def _default(key: str) -> Any:
    content = read_content()
    if key in SPANS:
        return [content["numbers"][name] for name in SPANS[key]]
    if key == "missed_log_h":
        return [{"until_h": row.get("until_h"), "gap_h": row["gap_h"]} for row in content["missed_log"]]
    return content["fallback_minutes"] if key == "fallback_min" else number_facts(content)[key]


def _reasons(key: str, value: Any) -> Iterator[str]:
    if key in fixed():
        if value != fixed()[key][0]:
            yield "is the same for every clinic"
    elif key not in settings():
        yield "is not a setting"
    else:
        setting = settings()[key]
        found = list(_SHAPES[setting.kind](value, setting))
        yield from found[:1]


def _number(value: Any, setting: Setting) -> Iterator[str]:
    yield from _outside({"": value}, setting)


def _choice(value: Any, setting: Setting) -> Iterator[str]:
    if not isinstance(value, str) or value not in setting.options:
        yield f"must be one of: {', '.join(setting.options)}"


def _span(value: Any, setting: Setting) -> Iterator[str]:
    if not isinstance(value, list) or len(value) != len(setting.parts):
        yield "must be two numbers, the lower one first"
    else:
        yield from _outside(numbers_in(setting, value), setting)


def _phases(value: Any, setting: Setting) -> Iterator[str]:
    rows = value if isinstance(value, list) else []
    whole = all(isinstance(row, dict) and set(row) <= {"until_h", "gap_h"} and "gap_h" in row for row in rows)
    if not whole or [row.get("until_h") for row in rows] != [_until(part) for part in setting.parts]:
        yield "must give gap_h for until_h 336, 1008, 2160 and null"
    else:
        yield from _outside(numbers_in(setting, rows), setting)


def _minutes(value: Any, setting: Setting) -> Iterator[str]:
    if not isinstance(value, dict) or not set(value) <= set(setting.parts):
        yield f"must give minutes for: {', '.join(setting.parts)}"
    else:
        yield from _outside(value, setting)


def _outside(numbers: Mapping[str, Any], setting: Setting) -> Iterator[str]:
    """Yield one sentence for each value that is not a number or is outside its bounds."""
    for part, number in numbers.items():
        low, high = setting.parts[part]
        name = f"{part} " if part else ""
        if not is_finite_number(number):
            yield f"{name}must be a finite number"
        elif not low <= number <= high:
            yield f"{name}must stay {low}" if low == high else f"{name}must be from {low} to {high}"


def _clock(value: Any, setting: Setting) -> Iterator[str]:
    if not is_clock(value):
        yield "must be a clock time like 09:00"


def _clocks(value: Any, setting: Setting) -> Iterator[str]:
    low, high = setting.most
    if not isinstance(value, list) or not all(map(is_clock, value)):
        yield "must be a list of clock times like 09:00"
    elif not low <= len(value) <= high:
        yield f"must hold {low} to {high} clock times"
    elif value != sorted(value) or len({wall[:2] for wall in value}) < len(value):
        yield "must be in order, none in the hour of another"


def _window(value: Any, setting: Setting) -> Iterator[str]:
    if not isinstance(value, list) or len(value) != 2 or not all(map(is_clock, value)):
        yield "must be two clock times like 21:00"
    elif not 0 < _quiet(value).minutes <= QUIET_HOURS_MOST * 60:
        yield f"must differ, and be at most {QUIET_HOURS_MOST} hours apart"


_SHAPES = {
    "number": _number,
    "choice": _choice,
    "span": _span,
    "phases": _phases,
    "minutes": _minutes,
    "clock": _clock,
    "clocks": _clocks,
    "window": _window,
}


def _quiet(window: Any) -> QuietHours:
    return QuietHours(*map(time.fromisoformat, window))


def _until(part: str) -> int | None:
    return None if part == LATER else int(part)


def _short(key: Any) -> str:
    return str(key)[:60]
