"""Pages say whole sentences: a translator can order their words, which parts put together in a template forbid."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.test_words import written

ROOT = Path(__file__).parents[2]
PAGES = [place for place in (ROOT / "templates").rglob("*.html") if "load i18n" in place.read_text("utf-8")[:400]]
# Where one piece of text ends and another begins, whatever stands between.
APART = re.compile(
    r"</?(?:a|article|aside|body|br|button|caption|d[dlt]|desc|details|dialog|div|fieldset|figcaption|figure|footer|"
    r"form|h\d|head|header|html|input|label|legend|li|main|nav|ol|option|p|progress|section|select|summary|svg|t[dhr]|"
    r"table|template|textarea|thead|tbody|title|ul)\b[^>]*>"
)
NOTE = re.compile(r"\{#.*?#\}|<!--.*?-->", re.DOTALL)
TRANSLATED = re.compile(
    r"\{% blocktrans(?:late)?\b[^%]*%\}(?P<block>.*?)\{% endblocktrans(?:late)? %\}"
    r"""|\{% trans(?:late)? (?:"(?P<double>[^"]*)"|'(?P<single>[^']*)')(?! as)[^%]*%\}""",
    re.DOTALL,
)
# A sentence, a heading before a list, or a label that ends as one.
ENDED = re.compile(r"[.!?:…”)]$")
# Branches of an {% if %} are alternatives, and not one after the other.
BRANCH = re.compile(r"^\s*(?:</?\w[^>]*>\s*)*\{% (?:if|elif|else|endif|for|endfor|include|empty|with|endwith)\b")
# A span that ends with the text sets it apart, as a mark or the end of a scale.
GOES_ON = re.compile(
    r"^\s*(?!</span>)(?:</?(?:strong|b|span|em|i|time)\b[^>]*>\s*)*(?:\{\{|\x01|<span\b[^>]*></span>)"
)
LABEL = 2
PATIENTS_READ = {"account", "allauth", "components", "patients", "recovery"}
# Parts of a list or names, which stand in a blank of a whole sentence.
NAMES = {
    "a warning sign",
    "g:i A",
    "hold off",
    "just now",
    "levels not recorded",
    "the care team",
    "the patient",
    "this helper",
    "this phone",
    "your care team",
}


def glued(html: str) -> Iterator[str]:
    """Each marked text after which its sentence goes on outside of it."""
    marked = TRANSLATED.sub(_mark, NOTE.sub("", html))
    for piece in APART.split(re.sub(r"<[^<>]*>", lambda tag: re.sub("[\x01\x02]", "", tag[0]), marked)):
        for found in re.finditer("\x01([^\x01\x02]*)\x02", piece):
            text, after = " ".join(found[1].split()), piece[found.end() :]
            bare = re.sub(r"<[^>]*>", "", text).strip()
            long = len(bare.split()) > LABEL
            if long and not ENDED.search(bare) and not BRANCH.match(after) and GOES_ON.match(after):
                yield text


def _mark(found: re.Match[str]) -> str:
    text = found["block"] or found["double"] or found["single"] or ""
    return f"\x01{re.sub(r'[<{][^<>{}]*[>}]', '', text)}\x02"


def test_no_sentence_goes_on_after_what_is_translated() -> None:
    found = {place.relative_to(ROOT).as_posix(): list(glued(place.read_text("utf-8"))) for place in PAGES}
    assert {place: texts for place, texts in found.items() if texts} == {}
    assert len(PAGES) > 60


@pytest.mark.parametrize(
    "html",
    [
        '<p>{% translate "We sent 6 digits to" %} <strong>{{ address }}</strong></p>',
        "<p>{% blocktranslate trimmed %}\n  Call back in\n{% endblocktranslate %}\n<span data-in></span> min</p>",
        '<p>{% translate "Your answers of" %} {% translate "are still here" %}</p>',
    ],
)
def test_parts_put_together_are_found(html: str) -> None:
    assert len(list(glued(html))) == 1


@pytest.mark.parametrize(
    "html",
    [
        '<p>{% translate "Seen at:" %} <strong>{{ when }}</strong></p>',
        '<p>{% if a %}{% translate "Seen by nobody" %}{% else %}{% translate "Seen by someone" %}{% endif %}</p>',
        "<p>{% blocktranslate %}Call in <b>{{ n }}</b> min{% endblocktranslate %}</p><p>{{ name }}</p>",
        '<a class="x">{% translate "Take me to it" %}</a> {{ when }}',
    ],
)
def test_whole_sentences_pass(html: str) -> None:
    assert list(glued(html)) == []


def test_no_text_begins_within_a_sentence() -> None:
    texts = [text for found in written("es") for text in ([found.id] if isinstance(found.id, str) else found.id)]
    parts = [text for text in texts if re.match(r"\s*(?:[.,;:)]|[a-z])", text) and len(text) > 1]
    assert [text for text in parts if text not in NAMES and "{" not in text and "%(" not in text] == []


def test_what_stands_in_for_a_missing_value_is_marked_too() -> None:
    # A heading is said in the reader's language by the filter behind it.
    pages = [place for place in PAGES if place.relative_to(ROOT / "templates").parts[0] in PATIENTS_READ]
    bare = {
        place.name: re.findall(r'default:"[A-Z][^"]*"(?!\|heading_about)', place.read_text("utf-8"))
        for place in pages
    }
    assert {name: texts for name, texts in bare.items() if texts and name != "card.html"} == {}
