"""PURE: what a screen may say about one log. All screens, for patients and for staff, must use this.

The rules judge answers, but in free text they find only the danger signs they know. So no screen may say that all
is well while staff have not read the patient's words (clinical rules, principle 10 and ROT-01).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from patients.tiers import CALL_DOCTOR_NOW, ON_TRACK, URGENT, heading
from recovery.triage.free_text import FIELDS
from recovery.triage.rulebook import load_rulebook
from recovery.triage.words import says_anything

# The marks besides the four tiers; patients.templatetags.kypho has their words and colours.
UNREAD = "unread"
WORDS = "words"
ER_NOW = "er_now"
NOT_JUDGED = "not_judged"
HOSPITAL = "hospital"
NOT_READ = "No one has read your note yet."
READ = "Your care team has opened your note."


@dataclass(frozen=True)
class Said:
    """One log in words. mark: how a screen shows its tier; unread: staff have not read its words yet."""

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
    """Return one log in words.

    tier: "" before it is judged. words: "none", "unread" or "read" for free text. away: as in mark.
    """
    unread, now = words == "unread", is_er_now(tier, fired)
    return Said(
        mark=mark(tier, er_now=now, unread=unread, away=away),
        heading=heading(tier, er_now=now),
        texts=_texts(tier, messages, words),
        unread=unread,
    )


def says_words(heard: Mapping[str, Any]) -> bool:
    """Return whether a log, as the rules read it (DailyLog.heard), has any free text."""
    return any(says_anything(heard.get(name)) for name in FIELDS)


def mark(tier: str, *, er_now: bool = False, unread: bool = False, away: bool = False) -> str:
    """Return the mark of a tier; it is never "On track" while the words are unread.

    away: the patient is in the hospital now; then a calm log gets the mark "Answers on track".
    """
    if not tier:
        return NOT_JUDGED
    if tier == ON_TRACK:
        return UNREAD if unread else WORDS if away else ON_TRACK
    return ER_NOW if er_now and tier == CALL_DOCTOR_NOW else tier


def mark_of_person(tier: str, *, unread: bool, away: bool, alerted: bool) -> str:
    """Return the mark of a patient now; in the hospital it says only that, unless an alert is active."""
    if away and not alerted:
        return HOSPITAL
    return mark(tier, unread=unread, away=away) if tier else ""


def is_er_now(tier: str, fired: Iterable[Mapping[str, Any]]) -> bool:
    """Return whether the patient was sent to the ER at once. fired: as an assessment stores it."""
    return tier == CALL_DOCTOR_NOW and any(entry.get("er_now") for entry in fired)


def desk_mark(
    tier: str, fired: Iterable[Mapping[str, Any]], heard: Mapping[str, Any], *, away: bool = False
) -> str:
    """Return the mark for staff, who see the words next to it: a calm tier is about the answers alone."""
    calm_of_answers = tier == ON_TRACK and says_words(heard)
    return WORDS if calm_of_answers else mark(tier, er_now=is_er_now(tier, fired), away=away)


def unread_words() -> str:
    """Return the rule book's text that is added to calm advice while staff have not read the words."""
    whole = load_rulebook().calm.message_unread
    return whole[whole.index(NOT_READ) :]


def _texts(tier: str, messages: Iterable[Mapping[str, Any]], words: str) -> tuple[str, ...]:
    """Return the advice of a log; advice that is not urgent also says whether the words were read."""
    calm = load_rulebook().calm
    texts = tuple(message["text"] for message in messages)
    if words == "none" or tier in URGENT:
        return texts
    # An earlier rule book may have stored the calm message alone; the words about the unread note are added.
    texts = tuple(calm.message_unread if text == calm.message else text for text in texts)
    if not any(NOT_READ in text for text in texts):
        texts = (*texts, unread_words())
    return texts if words == "unread" else tuple(text.replace(NOT_READ, READ) for text in texts)


def back_pain(answers: dict[str, Any]) -> int | None:
    """Return the higher of pain on moving and at rest, 0 to 10; None when neither was answered."""
    given = [answers[name] for name in ("pain_move", "pain_rest") if answers.get(name) is not None]
    return max(given) if given else None
