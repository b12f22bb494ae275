"""The entry points of triage: `judge` makes a verdict from patient and log, `evaluate` from stored facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from recovery.triage.engine import evaluate
from recovery.triage.facts import build_facts
from recovery.triage.numbers import Config
from recovery.triage.readable import in_words, readable_config, readable_patient
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
    """Return the verdict on one valid log, or on silence when `log` is None.

    `hours` is the time since the procedure ended. `config` holds the settings the clinic changed; without it the
    rule book's defaults count. An unreadable override or setting is ignored and named in the verdict's problems.
    """
    book = rulebook or load_rulebook()
    known, unread = readable_patient(patient)
    changed, outside = readable_config(config)
    verdict = evaluate(build_facts(known, hours, log, history, book, changed), book)
    return replace(verdict, problems=in_words([*unread, *outside])) if unread or outside else verdict
