"""The figures of free text: what is promised is measured, on sentences to tune with and on held-out ones."""

import pytest

from recovery.triage.measured import HELD_OUT, HELD_OUT_2, SETS, TUNING, Figures, figures, sentences
from recovery.triage.rulebook import load_rulebook

FREE_TEXT = load_rulebook().content["free_text"]
# Set, the part of danger that must be caught, the part of calm that must be left alone.
GOALS = {TUNING: (0.98, 0.95), HELD_OUT: (0.95, 0.90), HELD_OUT_2: (0.95, 0.90)}


def test_a_figure_counts_what_it_says() -> None:
    assert str(Figures(danger=4, caught=3, calm=2, left=1)) == (
        "danger caught 3 of 4 (75.0 %), calm left alone 1 of 2 (50.0 %)"
    )


@pytest.mark.parametrize("name", SETS)
def test_the_figures_do_not_fall_under_their_goals(name: str) -> None:
    found, (caught, left) = figures(name, FREE_TEXT), GOALS[name]
    assert found.caught >= caught * found.danger
    assert found.left >= left * found.calm


@pytest.mark.parametrize("name", SETS)
def test_no_this_but_that_is_heard(name: str) -> None:
    found = figures(name, FREE_TEXT, family="no X but Y")
    assert found.danger >= 20
    assert found.caught >= 0.97 * found.danger


@pytest.mark.parametrize(("name", "least"), [(HELD_OUT, 300), (HELD_OUT_2, 200)])
def test_the_sets_are_large_and_share_no_sentence(name: str, least: int) -> None:
    tuning, held_out = (list(sentences(each)) for each in (TUNING, name))
    assert len(tuning) >= 800
    assert len(held_out) >= least
    shared = {row.note.lower() for row in tuning} & {row.note.lower() for row in held_out}
    assert len(shared) <= 0.1 * len(held_out)


@pytest.mark.thorough
@pytest.mark.parametrize("kind", sorted(FREE_TEXT["languages"][0]["concepts"]))
def test_without_its_words_a_concept_is_missed(kind: str) -> None:
    english, *others = FREE_TEXT["languages"]
    nothing = {kind: ["nothingofthiskind"]}
    deaf = {part: {**english[part], **nothing} for part in ("concepts", "by_helper")}
    worse = figures(TUNING, {**FREE_TEXT, "languages": [english | deaf, *others]})
    assert worse.caught < figures(TUNING, FREE_TEXT).caught


@pytest.mark.thorough
@pytest.mark.parametrize(
    "kind",
    [
        "denial",
        "no_denial",
        "end",
        "turn",
        "about",
        "worry",
        "mask",
        "past_before",
        "past_after",
        "someone",
        "relative",
    ],
)
def test_without_them_each_kind_of_mark_is_missed(kind: str) -> None:
    english, *others = FREE_TEXT["languages"]
    dumb = {**english, "marks": {**english["marks"], kind: []}}
    changed = figures(TUNING, {**FREE_TEXT, "languages": [dumb, *others]})
    usual = figures(TUNING, FREE_TEXT)
    assert (changed.caught, changed.left) != (usual.caught, usual.left)
