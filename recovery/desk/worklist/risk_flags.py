"""PURE: what of the record changes the advice, as short flags: the words, the figure and its document."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from recovery.outcome_figures import FIGURES
from recovery.triage.reason_words import JUNCTION

# The fields of the procedure a row of the worklist is made from.
RECORD = (
    *("baseline_pain", "surgeon", "levels", "cement_leakage", "intravertebral_cleft", "separated_cement"),
    *("blood_thinner_held", "blood_thinner_continued", "blood_thinner_name"),
    *("bmd_t_score", "bmd_low", "hu_low", "osteoporosis"),
)
# More would crowd out the facts; the chart has all of them.
MOST = 2
_FIGURES = {figure.id: figure for figure in FIGURES}


@dataclass(frozen=True)
class Flag:
    """One flag. figure: the number of the documents, "" when they give none; about: its statement and sources."""

    words: str
    figure: str = ""
    about: str = ""


def flags_of(record: Mapping[str, Any]) -> list[Flag]:
    """Return at most MOST flags, those that change the first advice first."""
    thinner = record.get("blood_thinner_name") or "Blood thinner"
    bones = _bones(record)
    found = [
        ("Cement leak", "FIG-LEAK", record.get("cement_leakage")),
        (f"{thinner} on hold", "", record.get("blood_thinner_held")),
        (thinner, "", record.get("blood_thinner_continued")),
        ("Cleft in the vertebra", "FIG-LASTING-PAIN", record.get("intravertebral_cleft")),
        ("Separated cement", "FIG-LASTING-PAIN", record.get("separated_cement")),
        (bones, "FIG-NEW-BREAK", bones),
    ]
    return [_flag(words, figure) for words, figure, is_so in found if is_so][:MOST]


def _bones(record: Mapping[str, Any]) -> str:
    """Return what makes a new break likelier: the T-score, else weak bones in words, else the treated junction."""
    score = record.get("bmd_t_score")
    if score is not None and record.get("bmd_low"):
        return "T-score " + f"{score:g}".replace("-", "−")
    if record.get("bmd_low") or record.get("hu_low") or record.get("osteoporosis"):
        return "Weak bones"
    return " ".join(level for level in record.get("levels") or () if level in JUNCTION)


def _flag(words: str, name: str) -> Flag:
    figure = _FIGURES.get(name)
    if figure is None:
        return Flag(words)
    return Flag(words, figure.rate, f"{figure.text} {', '.join(figure.sources)}")
