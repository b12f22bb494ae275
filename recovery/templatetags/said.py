"""What pages say of a person's own words (recovery.wording.said)."""

from django import template

from recovery.wording import said

register = template.Library()


@register.simple_tag
def unread_words() -> str:
    """No one has read your note yet, and what to do if it matters now."""
    return said.unread_words()
