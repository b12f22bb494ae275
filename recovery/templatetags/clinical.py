"""A filter that shows a sentence of the rule book, the plan or the cards in the reader's language."""

from collections.abc import Iterable, Mapping

from django import template
from django.utils.html import format_html, json_script
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from recovery.wording.clinical_words import in_english, in_language, said
from recovery.wording.helper_scripts import words_of_helpers

register = template.Library()


@register.filter
def clinical(english: str, helped: str) -> str | SafeString:
    """Return the sentence in the active language, for the patient (helped is "") or for who helps them.

    What sends somebody to 911 or a doctor and was not reviewed yet says so, and has the English below. A sentence
    without words in the language stays English, and says so.
    """
    found = in_language(english, helped)
    english = in_english(english, helped)
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
def clinical_label(english: str, helped: str) -> str:
    """Return a label or a question alone, without marks: for attributes and answers. helped: as in clinical."""
    return said(english, helped)


@register.simple_tag
def english_below(english: str, helped: str) -> str | SafeString:
    """Show under a screen of our own words that its translation is in review, with the English; else nothing."""
    found = in_language(english, helped)
    if found is None or (found.text and not found.in_review):
        return ""
    return format_html(
        '<p><span class="in-review">{}</span> <span class="as-written" lang="en">{}</span></p>',
        _("(translation in review)"),
        in_english(english, helped),
    )


@register.simple_tag
def helper_words(helped: str, whole: str = "") -> str | SafeString:
    """Give a helper's scripts their words (static/js/words.js). whole: those of the log too."""
    if not helped:
        return ""
    return json_script(words_of_helpers(helped, whole=bool(whole)), "helper-words")


@register.simple_tag
def asks_about_note(signs: Iterable[Mapping[str, str]], helped: str) -> SafeString:
    """Ask whether the patient has now what a note speaks of; the page's script may fill in what (data-signs)."""
    found = "; ".join(said(sign["asks"], helped) for sign in signs or ()) or _("a warning sign")
    named = format_html("<span data-signs>{}</span>", found)
    if helped:
        return format_html(_("The note is about {signs}. Does {name} have it now?"), signs=named, name=helped)
    return format_html(_("You wrote about {signs}. Do you have it now?"), signs=named)
