"""PURE: what the rule book itself expects: how low back pain should be, from when on, and where fever begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from recovery.triage.facts import build_facts
from recovery.triage.known import Known
from recovery.triage.numbers import Config
from recovery.triage.readable import readable_config, readable_patient
from recovery.triage.rulebook import load_rulebook
from recovery.triage.shapes import Rulebook

NOT_LOW_ENOUGH = "not_greatly_reduced"
SCORES = range(10, -1, -1)


@dataclass(frozen=True, slots=True)
class Expected:
    """pain_most: the highest back pain, 0 to 10, that counts as greatly reduced, from this many hours on.

    fever_f: where fever begins for this patient, in degrees Fahrenheit.
    """

    pain_most: int
    pain_from_hours: float
    fever_f: float


def expected(
    patient: Mapping[str, Any], rulebook: Rulebook | None = None, config: Config | None = None
) -> Expected:
    """Return what is expected of this patient. patient and config: as for judge().

    The rule book's own condition is asked for every score, so that a changed rule changes the answer.
    """
    book = rulebook or load_rulebook()
    # The day does not matter here, so that a time zone that cannot be read takes nothing away.
    known, changed = {**readable_patient(patient)[0], "procedure_end_at": None}, readable_config(config)[0]

    def facts(pain: int) -> Known:
        made = build_facts(known, 0.0, {"pain_move": pain}, (), book, changed)
        return Known(made, book.derived_by_name)

    most = next((pain for pain in SCORES if not facts(pain)[NOT_LOW_ENOUGH]), 0)
    calm = facts(0)
    return Expected(most, float(calm["early_check_h"]), float(calm["fever_threshold_f"]))
