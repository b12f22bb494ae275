"""Figures from the documents, each with its source, for nurses and never for patients (conflict C-16)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One statement. The documents disagree on frequencies, so the page shows them side by side.

    rate: its number alone, for a line that has no room for the statement.
    """

    id: str
    text: str
    sources: tuple[str, ...]
    rate: str = ""


FIGURES = (
    Figure("FIG-MOBILITY", "About 75% regain lost mobility.", ("verywell OF-01",)),
    Figure(
        "FIG-LASTING-PAIN", "7.8% of 809 people still had back pain (2020 study).", ("back-pain OF-07",), "7.8%"
    ),
    Figure("FIG-NEW-BREAK", "21.7% had a new break later (2022 study).", ("back-pain OF-09",), "21.7%"),
    Figure(
        "FIG-LEAK",
        "Cement leaks in 2% to 26%, mostly without symptoms; it may still reach the lungs or press on a nerve.",
        ("back-pain OF-08", "verywell RK-21", "back-pain RF-911-10", "guide RK-17"),
        "2% to 26%",
    ),
    Figure(
        "FIG-COMPLICATIONS",
        "Complications are called rare, or uncommon when serious, and the risk low; no document gives one rate.",
        ("verywell OF-02", "guide OF-05", "back-pain OF-10", "back-pain RK-12"),
    ),
    Figure(
        "FIG-BONE-WASTING",
        "Wasting of the treated bone is named, without a rate: imaging at follow-up is the clinic's decision.",
        ("back-pain RK-14",),
    ),
    Figure(
        "FIG-AGE",
        "The risk of a later break rises with age; no document gives an age.",
        ("back-pain RK-08",),
    ),
)


def citations() -> dict[str, tuple[str, ...]]:
    """Return the sources of every figure, by id."""
    return {figure.id: figure.sources for figure in FIGURES}
