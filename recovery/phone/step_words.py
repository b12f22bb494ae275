"""The steps of the plan in words: what a patient may do, what waits, why, and until when."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from patients.templatetags.kypho import near
from recovery.selectors.today import MilestoneCard

# Reason -> what the patient reads, and what a helper reads.
REASONS: dict[str, tuple[str | Promise, str | Promise]] = {
    "no_recent_log": (
        gettext_lazy("We have no new log from you. Send one, and we look again."),
        gettext_lazy("We have no new log about {name}. Send one, and we look again."),
    ),
    "opioid_unknown": (
        gettext_lazy("Tell us in a log when you last took a strong pain pill."),
        gettext_lazy("Tell us in a log when {name} last took a strong pain pill."),
    ),
    "clinic_override": (
        gettext_lazy("Your clinic asked you to wait."),
        gettext_lazy("The clinic asked {name} to wait."),
    ),
    "leg_sign": (
        gettext_lazy("Your clinic has to look at your leg first."),
        gettext_lazy("The clinic has to look at {name}’s leg first."),
    ),
    "leg_or_fall": (
        gettext_lazy("Your clinic has to look at your leg or your fall first."),
        gettext_lazy("The clinic has to look at {name}’s leg or fall first."),
    ),
    "physical_job": (
        gettext_lazy("Your work is heavy. Your clinic has to say yes first."),
        gettext_lazy("{name}’s work is heavy. The clinic has to say yes first."),
    ),
}
LOOK_FIRST = (
    gettext_lazy("Your clinic has to look at your last log first."),
    gettext_lazy("The clinic has to look at the last log about {name} first."),
)


@dataclass(frozen=True)
class Step:
    """One row. tone: can, care, limit, ask, hold or later; label: the word for it; why and again: ready words."""

    card: MilestoneCard
    tone: str
    icon: str
    label: str | Promise
    why: str = ""
    again: str = ""
    # The cards that stand in this row; more than one when they wait for the same reason.
    cards: tuple[MilestoneCard, ...] = ()


TONES: dict[str, tuple[str, str | Promise]] = {
    "can": ("yes", gettext_lazy("You can do this")),
    "care": ("sun", gettext_lazy("Take care of this")),
    "limit": ("wait", gettext_lazy("Hold back on this")),
    "ask": ("ask", gettext_lazy("Ask first")),
    "hold": ("pause", gettext_lazy("Hold off")),
    "later": ("clock", gettext_lazy("Not yet")),
    "over": ("check", gettext_lazy("Over")),
}
FOR_HELPERS = {"can": gettext_lazy("This is allowed")}


def steps_of(cards: Iterable[MilestoneCard], now: datetime, zone: str, helped: str = "") -> list[Step]:
    """Return the steps in words. helped: the first name of the patient when a helper reads, else empty."""
    return [_step(card, now.astimezone(ZoneInfo(zone)), helped) for card in cards]


def _step(card: MilestoneCard, now: datetime, helped: str) -> Step:
    tone = tone_of(card)
    icon, label = TONES[tone]
    if helped:
        label = FOR_HELPERS.get(tone, label)
    own = tone != "hold" or card.own_words
    why = "" if own else _why(card, now, helped)
    return Step(card, tone, icon, label, why, _again(card, tone, now), (card,))


def together(steps: Iterable[Step]) -> list[Step]:
    """Return the steps with those that wait for the same reason, until the same time, in one row."""
    rows: dict[object, Step] = {}
    for step in steps:
        key = (step.tone, step.why, step.again) if step.why else step.card.key
        first = rows.get(key)
        rows[key] = replace(first, cards=(*first.cards, step.card)) if first else step
    return list(rows.values())


def tone_of(card: MilestoneCard) -> str:
    """Return the tone: only a permission is something one can do, and a medicine on hold is a limit."""
    if card.status == "active":
        return "limit" if card.kind in ("limit", "medicine") else "care"
    if card.status == "reached":
        return "can" if card.kind == "permission" else "care"
    return {"ask_first": "ask", "withheld": "hold", "not_yet": "later"}.get(card.status, "over")


def _why(card: MilestoneCard, now: datetime, helped: str) -> str:
    if card.wait is None:
        return ""
    if card.wait.since is not None:
        return _pill(int((now - card.wait.since).total_seconds() // 3600), helped)
    words = REASONS.get(card.wait.reason, LOOK_FIRST)
    return str(words[1]).format(name=helped) if helped else str(words[0])


def _pill(hours: int, helped: str) -> str:
    if hours < 1:
        here = _("You took a strong pain pill less than an hour ago.")
        there = _("{name} took a strong pain pill less than an hour ago.")
    else:
        here = ngettext(
            "You took a strong pain pill {hours} hour ago.",
            "You took a strong pain pill {hours} hours ago.",
            hours,
        )
        there = ngettext(
            "{name} took a strong pain pill {hours} hour ago.",
            "{name} took a strong pain pill {hours} hours ago.",
            hours,
        )
    return (there if helped else here).format(name=helped, hours=hours)


def _again(card: MilestoneCard, tone: str, now: datetime) -> str:
    """Return when a step is looked at again, or when one that is to come starts; empty when time does not say."""
    if tone == "later":
        return near(card.due_at.astimezone(now.tzinfo), now) if card.due_at else ""
    until = card.wait.until if tone == "hold" and card.wait else None
    if until is None:
        return ""
    return _("We look again {when}.").format(when=near(until.astimezone(now.tzinfo), now))
