"""A template tag for the style sheets of the phone side."""

from django import template
from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from patients import phone_sheets

register = template.Library()


@register.simple_tag(takes_context=True)
def sheet(context: template.Context, name: str, *, is_kept: bool = False) -> SafeString:
    """Return the style sheet itself, or the link to it for a phone that keeps it.

    is_kept: the page will be kept by the phone, and has its style inside whatever the phone keeps by now.
    """
    request: HttpRequest | None = context.get("request")
    text = phone_sheets.text(name)
    if not request or not text or (phone_sheets.are_kept(request) and not is_kept):
        return format_html('<link rel="stylesheet" href="{}">', static(name))
    # The policy lets in this one by its number.
    number = str(request.csp_nonce)  # type: ignore[attr-defined]
    ours = mark_safe(text)  # noqa: S308 - a file of this version, as it was collected
    return format_html('<style nonce="{}">{}</style>', number, ours)
