"""Measure the free-text search on labelled sentences (sentences/): danger found and calm sentences left alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from patients.tiers import CALL_911, CALL_DOCTOR_NOW
from recovery.triage.free_text import by_tier, found_concepts

FOLDER = Path(__file__).parent / "sentences"
TUNING, HELD_OUT, HELD_OUT_2 = "tuning", "held_out", "held_out_2"
SETS = (TUNING, HELD_OUT, HELD_OUT_2)
CALM = "none"
# The default fever limits: °F and °C.
LINES = (100.4, 38.0)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One labelled sentence: the text in `note` and the expected result in `want`."""

    family: str
    want: str
    note: str
    by_helper: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts: `caught` of the `danger` sentences were found as expected, `left` of the `calm` were left alone."""

    danger: int
    caught: int
    calm: int
    left: int

    def __str__(self) -> str:
        return (
            f"danger caught {self.caught} of {self.danger} ({_percent(self.caught, self.danger)}), "
            f"calm left alone {self.left} of {self.calm} ({_percent(self.left, self.calm)})"
        )


def sentences(name: str) -> Iterator[Sentence]:
    """Yield the sentences of one set."""
    with (FOLDER / f"{name}.jsonl").open(encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            yield Sentence(row["family"], row["want"], row["note"], row["logged_by"] == "caregiver")


def heard(sentence: Sentence, free_text: Mapping[str, Any]) -> str:
    """Return the most urgent result for a sentence: "911", "dn" or "none"."""
    hits = found_concepts([sentence.note], free_text, LINES, by_helper=sentence.by_helper)
    found = by_tier(hits, free_text)
    if found[CALL_911]:
        return "911"
    return "dn" if found[CALL_DOCTOR_NOW] or found["self_harm"] else CALM


def as_wanted(sentence: Sentence, free_text: Mapping[str, Any]) -> bool:
    """Return whether the result is as expected: calm gives none, 911 gives 911, other danger gives anything."""
    found = heard(sentence, free_text)
    return found == sentence.want if sentence.want in (CALM, "911") else found != CALM


def figures(name: str, free_text: Mapping[str, Any], family: str = "") -> Figures:
    """Return the figures of a set, or only of the families whose name begins with `family`."""
    rows = [row for row in sentences(name) if row.family.startswith(family)]
    right = [as_wanted(row, free_text) for row in rows]
    calm = [row.want == CALM for row in rows]
    caught = sum(ok for ok, is_calm in zip(right, calm, strict=True) if not is_calm)
    return Figures(len(rows) - sum(calm), caught, sum(calm), sum(right) - caught)


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "none"
