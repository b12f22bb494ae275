"""PURE: what a screen may say of one log. Whoever shows one, to a patient or to staff, asks this and nothing else.

The rules judge answers; of a person's own words they hear the danger signs they know and no more. So over words
that nobody at the clinic has read yet no screen says that all is well (clinical rules, principle 10 and ROT-01).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from patients.tiers import CALL_DOCTOR_NOW, ON_TRACK, URGENT, heading
from recovery.triage.free_text import FIELDS
from recovery.triage.rulebook import load_rulebook
from recovery.triage.words import says_anything

# Marks beside the four tiers; their words and colours are with the tiers' (patients.templatetags.kypho).
UNREAD = "unread"
WORDS = "words"
ER_NOW = "er_now"
NOT_JUDGED = "not_judged"
HOSPITAL = "hospital"
NOT_READ = "No one has read your note yet."
READ = "Your care team has opened your note."


@dataclass(frozen=True)
class Said:
    """One log in words. mark: its tier as a mark shows it; unread: it holds words nobody has read yet."""

    mark: str
    heading: str
    texts: tuple[str, ...]
    unread: bool


def said(
    tier: str,
    fired: Iterable[Mapping[str, Any]],
    messages: Iterable[Mapping[str, Any]],
    *,
    words: str,
    away: bool = False,
) -> Said:
    """tier: empty while nobody has judged it. words: somebody's own, none, unread or read. away: as in mark."""
    unread, now = words == "unread", is_er_now(tier, fired)
    return Said(
        mark=mark(tier, er_now=now, unread=unread, away=away),
        heading=heading(tier, er_now=now),
        texts=_texts(tier, messages, words),
        unread=unread,
    )


def says_words(heard: Mapping[str, Any]) -> bool:
    """Does a log, as the rules hear it (DailyLog.heard), hold anything in somebody's own words?"""
    return any(says_anything(heard.get(name)) for name in FIELDS)


def mark(tier: str, *, er_now: bool = False, unread: bool = False, away: bool = False) -> str:
    """What stands as the mark of a tier: never "On track" over words nobody has read.

    away: the patient is in the hospital now. A calm log is said of its answers alone then.
    """
    if not tier:
        return NOT_JUDGED
    if tier == ON_TRACK:
        return UNREAD if unread else WORDS if away else ON_TRACK
    return ER_NOW if er_now and tier == CALL_DOCTOR_NOW else tier


def mark_of_person(tier: str, *, unread: bool, away: bool, alerted: bool) -> str:
    """How somebody is now, as one mark: in the hospital that is all that is said, unless an alert waits."""
    if away and not alerted:
        return HOSPITAL
    return mark(tier, unread=unread, away=away) if tier else ""


def is_er_now(tier: str, fired: Iterable[Mapping[str, Any]]) -> bool:
    """Was the patient sent to the ER at once? fired: as an assessment stores it."""
    return tier == CALL_DOCTOR_NOW and any(entry.get("er_now") for entry in fired)


def desk_mark(
    tier: str, fired: Iterable[Mapping[str, Any]], heard: Mapping[str, Any], *, away: bool = False
) -> str:
    """The same beside the words themselves, for staff: a calm tier is said of the answers alone."""
    calm_of_answers = tier == ON_TRACK and says_words(heard)
    return WORDS if calm_of_answers else mark(tier, er_now=is_er_now(tier, fired), away=away)


def unread_words() -> str:
    """What is said below anything that is not urgent while nobody has read the words: the rule book's own."""
    whole = load_rulebook().calm.message_unread
    return whole[whole.index(NOT_READ) :]


def _texts(tier: str, messages: Iterable[Mapping[str, Any]], words: str) -> tuple[str, ...]:
    """The advice of a log. What is not urgent says whether its words were read."""
    calm = load_rulebook().calm
    texts = tuple(message["text"] for message in messages)
    if words == "none" or tier in URGENT:
        return texts
    # The calm message never stands alone, whatever was stored by an earlier rule book.
    texts = tuple(calm.message_unread if text == calm.message else text for text in texts)
    if not any(NOT_READ in text for text in texts):
        texts = (*texts, unread_words())
    return texts if words == "unread" else tuple(text.replace(NOT_READ, READ) for text in texts)


def back_pain(answers: dict[str, Any]) -> int | None:
    """The higher of pain on moving and at rest; None when neither was answered."""
    given = [answers[name] for name in ("pain_move", "pain_rest") if answers.get(name) is not None]
    return max(given) if given else None
