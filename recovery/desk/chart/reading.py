"""PURE: what the chart's time axis is made of: the numbers of one log, and things that happened."""

from dataclasses import dataclass
from datetime import datetime

from recovery.triage.reason_words import WALKED

PAINS = (("pain_move", "moving", ""), ("pain_rest", "resting", "rest"), ("pain_site", "needle spot", "site"))
OPIOIDS = frozenset({"opioid", "opioid_acetaminophen"})
ACETAMINOPHEN = frozenset({"acetaminophen", "opioid_acetaminophen"})
# How far somebody walked, from not at all to out of the house: the answers, and their words.
WALKS, WALK_WORDS = tuple(WALKED), tuple(WALKED.values())


@dataclass(frozen=True)
class Reading:
    """The numbers of one log.

    pains: moving, resting, needle spot, 0 to 10 or None. temp_f: degrees Fahrenheit. walk: 0 (did not walk) to 3
    (out of the house). medicine: the answers about pain pills.
    """

    at: datetime
    pains: tuple[int | None, ...]
    back: int | None
    temp_f: float | None
    walk: int | None
    medicine: frozenset[str]

    @property
    def opioid(self) -> bool:
        """Return whether a strong pain pill was taken."""
        return bool(self.medicine & OPIOIDS)

    @property
    def acetaminophen(self) -> bool:
        """Return whether acetaminophen was taken, alone or within another pill."""
        return bool(self.medicine & ACETAMINOPHEN)


@dataclass(frozen=True)
class Event:
    """One thing that happened, or will. colour: a class of desk.css."""

    at: datetime
    words: str
    colour: str = ""
