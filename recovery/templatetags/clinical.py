"""A filter that shows a sentence of the rule book, the plan or the cards in the reader's language."""

from collections.abc import Iterable, Mapping

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from recovery.wording.clinical_words import in_language, said

register = template.Library()


@register.filter
def clinical(english: str) -> str | SafeString:
    """Return the sentence in the active language.

    What sends somebody to 911 or a doctor and was not reviewed yet says so, and has the English below. A sentence
    without words in the language stays English, and says so.
    """
    found = in_language(english)
    if found is None:
        return english
    if not found.text:
        return format_html(
            '<span lang="en">{}</span> <span class="in-review">{}</span>', english, _("(in English for now)")
        )
    if not found.in_review:
        return found.text
    return format_html(
        '{} <span class="in-review">{}</span> <span class="as-written" lang="en">{}</span>',
        found.text,
        _("(translation in review)"),
        english,
    )


@register.filter
def clinical_label(english: str) -> str:
    """Return a label or a question alone, without marks: for attributes and answers."""
    return said(english)


@register.filter
def asked_about(signs: Iterable[Mapping[str, str]]) -> str:
    """Return what a note may be about, in the reader's words: "numb skin; a new rash"; "" for nothing."""
    return "; ".join(said(sign["asks"]) for sign in signs or ())


@register.simple_tag
def english_below(english: str) -> str | SafeString:
    """Show under a screen of our own words that its translation is in review, with the English; else nothing."""
    found = in_language(english)
    if found is None or (found.text and not found.in_review):
        return ""
    return format_html(
        '<p><span class="in-review">{}</span> <span class="as-written" lang="en">{}</span></p>',
        _("(translation in review)"),
        english,
    )
