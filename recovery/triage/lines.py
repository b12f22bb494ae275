"""Judge one line of JSON and return one answer, for the `triage` command; files are not handled here."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from recovery.triage.evaluate import judge
from recovery.triage.readable import in_words, readable_config, readable_patient
from recovery.triage.validation import Problem, validate_case

# A function that judges a valid case; its answer has tier, fired (id, sources), notices (ids), nurse_priority.
Judge = Callable[[Mapping[str, Any]], Mapping[str, Any]]

MAX_LINE_BYTES = 4 * 1024 * 1024
_TOLD = 5


class RefusedError(ValueError):
    """The line is not JSON that we accept."""


def judged_here(case: Mapping[str, Any]) -> dict[str, Any]:
    """Return the verdict on a valid case, judged in this process."""
    given = (case["patient"], case["recovery_hours"], case["log"], case.get("history", []))
    verdict = judge(*given, config=case.get("config"))
    return {
        "tier": verdict.tier,
        "fired": [{"id": fired.id, "sources": list(fired.sources)} for fired in verdict.fired],
        "notices": [notice.id for notice in verdict.notices],
        "nurse_priority": verdict.nurse_priority,
    }


def answer_line(line: bytes, judged: Judge = judged_here) -> dict[str, Any]:
    """Return the answer to one line; a refused line gets the key "error" with field and reason.

    Raises only what `judged` raises.
    The key "problems" names unreadable overrides and settings, which were ignored; it is left out when empty.
    """
    if len(line) > MAX_LINE_BYTES:
        return {"id": None, "error": f"line: is longer than {MAX_LINE_BYTES} bytes"}
    try:
        case = _read(line)
    except RefusedError as refused:
        return {"id": None, "error": f"line: {refused}"}
    if problems := validate_case(case):
        return {"id": _id_of(case), "error": _in_words(problems)}
    patient, unread = readable_patient(case["patient"])
    config, outside = readable_config(case.get("config"))
    answer = {"id": case["id"], **judged({**case, "patient": patient, "config": config})}
    return {**answer, "problems": list(in_words([*unread, *outside]))} if unread or outside else answer


def _read(line: bytes) -> Any:
    try:
        return json.loads(line.decode(), object_pairs_hook=_without_repeats, parse_constant=_no_constant)
    except RefusedError:
        raise
    except RecursionError:
        raise RefusedError("is nested too deeply") from None
    except UnicodeDecodeError:
        raise RefusedError("is not UTF-8 text") from None
    except ValueError:
        raise RefusedError("is not valid JSON") from None


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse an object that has a key twice, because either value may be the right one."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise RefusedError("names a key twice")
    return found


def _no_constant(name: str) -> Any:
    raise RefusedError(f"{name} is not a finite number")


def _id_of(case: Any) -> str | int | None:
    found = case.get("id") if isinstance(case, dict) else None
    return found if isinstance(found, str | int) and not isinstance(found, bool) else None


def _in_words(problems: list[Problem]) -> str:
    told = [f"{field}: {reason}" for field, reason in problems[:_TOLD]]
    more = len(problems) - len(told)
    return "; ".join(told) + (f"; and {more} more" if more else "")
