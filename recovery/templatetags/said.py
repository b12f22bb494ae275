"""A template tag with the words about an unread note (recovery.wording.log_words)."""

from django import template

from recovery.wording import log_words
from recovery.wording.clinical_words import said

register = template.Library()


@register.simple_tag
def unread_words() -> str:
    """Return "No one has read your note yet." and what to do if it matters now."""
    return said(log_words.unread_words())
