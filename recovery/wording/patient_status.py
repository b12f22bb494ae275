"""PURE: how a patient is now. Whoever says it, list, roster, chart, figures or phone, asks this and nothing else.

An active alert counts with its tier until a person closes it. Without one, an urgent newest log was closed by a
person, and leaves at most watch until the next log. Whoever is silent is never calmer than watch, and somebody who
never logged has no tier at all: nothing is known of them.
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
    """One sign nobody has closed: its key, its tier, since when."""

    key: str
    tier: str
    since: datetime


@dataclass(frozen=True)
class Facts:
    """What is stored of one patient, loaded by recovery.selectors.patient_status.

    last_log_*: the newest log of this recovery. alert_tier: empty when no alert is active. silent_from: when
    silence has lasted too long; None when nobody watches for it. unread: words of theirs that nobody has read.
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
    """How the patient is now. tier: empty while nothing is known. since: when what counts began."""

    tier: str
    sign: str
    since: datetime | None
    silent: bool
    last_log_at: datetime | None
    never_logged: bool
    in_hospital_since: datetime | None
    unread: bool = False
    # An alert is active: its tier counts until a person closes it, in the hospital too.
    alerted: bool = False

    @property
    def mark(self) -> str:
        """As every screen shows them: in the hospital, or with words nobody has read, nobody is "On track"."""
        away = self.in_hospital_since is not None
        return mark_of_person(self.tier, unread=self.unread, away=away, alerted=self.alerted)


def present(facts: Facts, now: datetime) -> Present:
    """The one answer. Nobody silent, and nobody without a log, is on track; nothing is urgent without an alert."""
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
    """Silence pauses while somebody is in the hospital; what was opened before stays open."""
    if not facts.watched or facts.silent_from is None or facts.in_hospital_since is not None:
        return False
    return now >= facts.silent_from


def _highest(*tiers: str) -> str:
    known = [tier for tier in tiers if tier in TIERS]
    return max(known, key=TIERS.index, default=NOTHING_KNOWN)
