"""PURE: how a patient is now. Worklist, roster, chart, figures and phone must all use this.

An active alert counts with its tier until staff close it. Without an active alert, an urgent newest log was closed
by staff and counts as watch until the next log. A silent patient is at least at watch. A patient who never logged
has no tier, because nothing is known.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from patients.tiers import TIERS, WATCH
from recovery.triage.rulebook import silence_sign
from recovery.wording.log_words import mark_of_person

NOTHING_KNOWN = ""


@dataclass(frozen=True)
class OpenSign:
    """One open sign: its key, its tier, since when."""

    key: str
    tier: str
    since: datetime


@dataclass(frozen=True)
class Facts:
    """The stored facts of one patient, loaded by recovery.selectors.patient_status.

    last_log_*: the newest log of this recovery. alert_tier: "" without an active alert. silent_from: when silence
    becomes a sign; None when it is not watched. unread: the patient has an unread note.
    """

    watched: bool
    last_log_at: datetime | None = None
    last_log_tier: str = ""
    alert_tier: str = ""
    signs: Sequence[OpenSign] = ()
    silent_from: datetime | None = None
    in_hospital_since: datetime | None = None
    unread: bool = False


@dataclass(frozen=True)
class Present:
    """How the patient is now. tier: "" while nothing is known. since: when the state began."""

    tier: str
    sign: str
    since: datetime | None
    silent: bool
    last_log_at: datetime | None
    never_logged: bool
    in_hospital_since: datetime | None
    unread: bool = False
    # An alert is active; its tier counts until staff close it, also in the hospital.
    alerted: bool = False

    @property
    def mark(self) -> str:
        """Return the mark for every screen; never "On track" in the hospital or with an unread note."""
        away = self.in_hospital_since is not None
        return mark_of_person(self.tier, unread=self.unread, away=away, alerted=self.alerted)


def present(facts: Facts, now: datetime) -> Present:
    """Return how the patient is now.

    A patient who is silent or never logged is not on track, and without an active alert no tier is urgent.
    """
    open_silence = next((sign for sign in facts.signs if sign.key == silence_sign()), None)
    silent = open_silence is not None or _silent(facts, now)
    told = min(facts.last_log_tier, WATCH, key=TIERS.index) if facts.last_log_tier in TIERS else NOTHING_KNOWN
    tier = _highest(facts.alert_tier, told, WATCH if silent else NOTHING_KNOWN)
    worst = max(facts.signs, key=lambda sign: (TIERS.index(sign.tier), -sign.since.timestamp()), default=None)
    since = worst.since if worst else facts.silent_from if silent else facts.last_log_at
    return Present(
        tier=tier if facts.watched else facts.alert_tier,
        sign=worst.key if worst else silence_sign() if silent else "",
        since=since,
        silent=silent,
        last_log_at=facts.last_log_at,
        never_logged=facts.watched and facts.last_log_at is None,
        in_hospital_since=facts.in_hospital_since,
        unread=facts.unread,
        alerted=bool(facts.alert_tier),
    )


def _silent(facts: Facts, now: datetime) -> bool:
    """Return whether silence has lasted too long; it pauses in the hospital, but an open silence sign stays."""
    if not facts.watched or facts.silent_from is None or facts.in_hospital_since is not None:
        return False
    return now >= facts.silent_from


def _highest(*tiers: str) -> str:
    known = [tier for tier in tiers if tier in TIERS]
    return max(known, key=TIERS.index, default=NOTHING_KNOWN)
