"""A template tag with the words about an unread note (recovery.wording.log_words)."""

from django import template
from django.utils.translation import gettext as _

from recovery.wording import log_words
from recovery.wording.clinical_words import said

register = template.Library()


@register.simple_tag
def unread_words() -> str:
    """Return "No one has read your note yet." and what to do if it matters now."""
    return said(log_words.unread_words())


@register.filter
def heading_about(heading: str, name: str) -> str:
    """Return the heading over an advice in a helper's words: whose doctor to call, and whom to take to the ER."""
    words = {
        "Call your doctor now": _("Call {name}’s doctor now"),
        "Go to the ER now": _("Take {name} to the ER now"),
    }
    return words.get(heading, _(heading)).format(name=name)
