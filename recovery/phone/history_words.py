"""How pain and walking went over the days, in one sentence each, without a judgement."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from recovery.phone.pain_chart import Reading, trend


def pain(readings: Sequence[Reading], helped: str) -> str:
    """Return the trend of back pain given oldest first; with one value, that value.

    helped: the patient's first name when a helper reads, else "".
    """
    if len(readings) > 1:
        return trend(readings, helped)
    words = _("{name}’s back pain is {pain} of 10.") if helped else _("Your back pain is {pain} of 10.")
    return words.format(name=helped, pain=readings[-1][1])


def walking(first: int, last: int, helped: str) -> str:
    """Return how the newest walk compares with the first; both 0 (none) to 3 (out of the house)."""
    if last > first:
        words = _("{name} walks farther than at first.") if helped else _("You walk farther than at first.")
    elif last < first:
        words = _("{name} walks less far than at first.") if helped else _("You walk less far than at first.")
    else:
        words = _("{name} walks as far as at first.") if helped else _("You walk as far as at first.")
    return words.format(name=helped)
