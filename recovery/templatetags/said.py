"""Template tags with the words about an unread note, and the heading over an advice."""

from django import template

from recovery.wording import log_words
from recovery.wording.clinical_words import said
from recovery.wording.headings import about

register = template.Library()


@register.simple_tag
def unread_words(helped: str) -> str:
    """Return "No one has read your note yet." and what to do if it matters now; helped: as in clinical."""
    return said(log_words.unread_words(), helped)


register.filter("heading_about", about)
