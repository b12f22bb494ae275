"""The heading over an advice, for the patient and for who helps them."""

from django.utils.translation import gettext as _


def about(heading: str, helped: str) -> str:
    """Return the heading in the active language, for a helper with whose doctor to call and whom to take there.

    helped: the patient's first name when a helper reads, else "".
    """
    if not helped:
        return _(heading)
    words = {
        "Call your doctor now": _("Call {name}’s doctor now"),
        "Go to the ER now": _("Take {name} to the ER now"),
    }
    return words.get(heading, _(heading)).format(name=helped)
