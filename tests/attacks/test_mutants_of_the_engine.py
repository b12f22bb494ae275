"""The seeded defects follow the code: one that has lost its place is told in a second, not after minutes."""

import ast
from pathlib import Path

import pytest

from faults.mutants import MUTANTS, Mutant

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_every_defect_has_its_place_and_can_run(mutant: Mutant) -> None:
    text = (ROOT / mutant.file).read_text()
    assert text.count(mutant.old) == 1
    ast.parse(text.replace(mutant.old, mutant.new))


def test_there_are_twenty_or_more() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 20
