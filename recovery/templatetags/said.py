"""What pages say of a person's own words (recovery.said)."""

from django import template

from recovery import said

register = template.Library()


@register.simple_tag
def unread_words() -> str:
    """No one has read your note yet, and what to do if it matters now."""
    return said.unread_words()
