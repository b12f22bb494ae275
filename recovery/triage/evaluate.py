"""The doors of triage: `judge` from patient and log to verdict, `evaluate` from stored facts to verdict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from recovery.triage.engine import evaluate
from recovery.triage.facts import build_facts
from recovery.triage.numbers import Config
from recovery.triage.rulebook import load_rulebook
from recovery.triage.shapes import Rulebook
from recovery.triage.verdict import Verdict

__all__ = ["evaluate", "judge"]


def judge(
    patient: Mapping[str, Any],
    hours: float,
    log: Mapping[str, Any] | None,
    history: Iterable[Mapping[str, Any]],
    rulebook: Rulebook | None = None,
    config: Config | None = None,
) -> Verdict:
    """The verdict on one valid log, or on silence when `log` is None; `hours` since the procedure ended.

    `config` holds what the clinic changed (validate_config); left out, the rule book's defaults count.
    """
    book = rulebook or load_rulebook()
    return evaluate(build_facts(patient, hours, log, history, book, config), book)
