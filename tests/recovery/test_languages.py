"""The rule book, the plan and the cards in other languages: the same meaning, and English where none fits."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.template import Context, Template
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from recovery.triage.rulebook.files import read_content
from recovery.wording.clinical_words import said
from recovery.wording.languages import check, translations
from recovery.wording.languages.sentences import of_rules, sentences, urgent_ids
from recovery.wording.languages.translations import (
    TranslatedSentence,
    for_helpers,
    languages,
    mark_of,
    rows_of,
    words_for,
)

URGENT_ID = "R911-05.message"
CALM_ID = "ROT-01.message"


@pytest.fixture(autouse=True)
def _read_anew() -> Iterator[None]:
    yield
    translations.by_english.cache_clear()
    translations.by_english_for_helpers.cache_clear()


def shown(text: str, language: str = "es", helped: str = "") -> str:
    with translation.override(language):
        words = {"text": text, "helped": helped}
        return Template("{% load clinical %}{{ text|clinical:helped }}").render(Context(words))


def changed(monkeypatch: pytest.MonkeyPatch, key: str, **fields: str) -> None:
    """As if this row of the Spanish were written so."""
    rows = {**rows_of("es"), key: replace(rows_of("es")[key], **fields)}
    monkeypatch.setattr(translations, "rows_of", lambda language: rows)
    translations.by_english.cache_clear()


@pytest.mark.parametrize("language", languages())
def test_every_row_means_what_its_english_means(language: str) -> None:
    assert list(check.problems(language, rows_of(language))) == []


@pytest.mark.parametrize("language", languages())
def test_every_sentence_that_sends_somebody_for_help_is_there(language: str) -> None:
    lacks = [line for line in check.missing(rows_of(language)) if line.split(":")[0] in urgent_ids()]
    assert lacks == []


@pytest.mark.parametrize("language", ["en", *languages()])
def test_helpers_have_words_for_every_sentence_that_speaks_to_the_patient(language: str) -> None:
    rows = rows_of(for_helpers(language))
    assert list(check.missing_for_helpers(rows)) == []
    assert list(check.problems(for_helpers(language), rows)) == []


@pytest.mark.parametrize("language", ["en", *languages()])
def test_no_sentence_says_you_to_a_helper_and_means_the_patient(language: str) -> None:
    with translation.override(language):
        found = {key: said(english, "Rosa") for key, english in sentences().items()}
    wrong = [key for key, words in found.items() if check.TO_THE_PATIENT[language].search(words)]
    assert [key for key in wrong if not key.startswith(("CARD-HELPER-", "logged_by="))] == []
    assert "{name}" not in " ".join(found.values())


@pytest.mark.parametrize(
    ("key", "text", "says"),
    [
        (
            "RDN-03.message",
            "Call {name}’s doctor now. If no one calls you back, {name} has to go to the ER.",
            "speaks to",
        ),
        ("RDN-03.message", "Call {name}’s doctor. If no one calls back soon, {name} has to go to the ER.", "now"),
        ("RDN-03.message", "Call {name}’s doctor now. If no one calls back soon, wait.", "the ER"),
        ("RDN-20.message", "{name} should take no more pills until the doctor says so. Call now.", "Tylenol"),
    ],
)
def test_a_row_for_helpers_that_lost_something_is_refused(key: str, text: str, says: str) -> None:
    rows = {**rows_of(for_helpers("en")), key: replace(rows_of(for_helpers("en"))[key], text=text)}
    assert any(key in line and says in line for line in check.problems(for_helpers("en"), rows))


def test_a_helper_who_reads_spanish_gets_the_english_of_helpers_below_what_is_in_review() -> None:
    page = shown(sentences()["RDN-03.message"], "es", "Rosa")
    assert page.startswith("Llame ahora al médico de Rosa.")
    assert 'lang="en">Call Rosa’s doctor now.' in page
    assert shown(sentences()["RDN-03.message"], "en", "<Rosa>").startswith("Call &lt;Rosa&gt;’s doctor now.")


def test_a_changed_sentence_is_told_as_it_is_until_helpers_have_words_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key, name = "RW-16.message", for_helpers("en")
    rows = {**rows_of(name), key: replace(rows_of(name)[key], of=mark_of("Something else."))}
    monkeypatch.setattr(translations, "rows_of", lambda language: rows)
    translations.by_english.cache_clear()
    translations.by_english_for_helpers.cache_clear()
    assert shown(sentences()[key], "en", "Rosa") == sentences()[key]
    assert key in list(check.missing_for_helpers(rows))


@pytest.mark.parametrize(
    ("key", "text", "says"),
    [
        ("RDN-20.message", "No tome más Tylenol. Llame a su médico ahora.", "other numbers"),
        ("RDN-20.message", "No tome más acetaminofén. Llame a su médico ahora, 1-800-222-1222.", "Tylenol"),
        ("R911-05.message", "Llame a su médico ahora. No maneje. 911.", "call 911"),
        ("R911-05.message", "Llame al 911 ahora. Maneje.", "no: in one language only"),
        ("RDN-03.message", "Llame a su médico ahora. Si nadie le llama, espere.", "the ER"),
        ("RW-19.message", "Llame a su clínica, antes de la próxima toma.", "today"),
        ("M-MEDS-HOLD.reached_later", "Su médico fijó un día. ¿No lo empezó? Llame hoy a su clínica.", "numbers"),
    ],
)
def test_a_row_that_lost_something_is_refused(key: str, text: str, says: str) -> None:
    rows = {**rows_of("es"), key: replace(rows_of("es")[key], text=text)}
    assert any(key in line and says in line for line in check.problems("es", rows))


def test_the_same_english_has_the_same_words_and_a_reviewer_has_a_date() -> None:
    rows = dict(rows_of("es"))
    rows["R911-04.message"] = replace(rows["R911-04.message"], text=rows["R911-04.message"].text + " Ya.")
    rows["N-01.text"] = replace(rows["N-01.text"], reviewer="Dr. Ana Ruiz")
    rows["R911-99.message"] = TranslatedSentence("R911-99.message", "", "x", "", "")
    found = " ".join(check.problems("es", rows))
    assert "in other words" in found
    assert "belong together" in found
    assert "no such sentence" in found


def test_an_urgent_sentence_without_review_says_so_and_has_the_english_below() -> None:
    english = sentences()[URGENT_ID]
    page = shown(english)
    assert page.startswith("Llame al 911 ahora.")
    assert '<span class="in-review">' in page
    assert f'<span class="as-written" lang="en">{english}</span>' in page


def test_a_reviewed_row_and_a_calm_one_stand_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(sentences()[CALM_ID]) == rows_of("es")[CALM_ID].text
    changed(monkeypatch, URGENT_ID, reviewer="Dr. Ana Ruiz", date="2026-12-01")
    assert shown(sentences()[URGENT_ID]) == rows_of("es")[URGENT_ID].text


def test_a_changed_english_sentence_falls_back_and_the_reader_sees_it(monkeypatch: pytest.MonkeyPatch) -> None:
    changed(monkeypatch, CALM_ID, of=mark_of("Something else."))
    english = sentences()[CALM_ID]
    assert f'<span lang="en">{english}</span>' in shown(english)
    assert f"{CALM_ID}: stale, its English has changed" in list(check.missing(translations.rows_of("es")))


def test_english_readers_get_the_sentence_itself_and_nothing_is_marked_up_twice() -> None:
    assert shown(sentences()[URGENT_ID], "en") == sentences()[URGENT_ID]
    assert "<script>" not in shown("<script>alert(1)</script>")


def test_a_limit_or_a_day_of_ones_own_stands_in_the_words() -> None:
    warm = words_for("Take it again in 4 hours. Call now if it hits 99.5°F (37.5°C).", "es")
    assert warm
    assert warm.text.endswith("99.5°F (37.5°C).")
    held = "Your doctor set Thu Dec 3. It was held back. Call your clinic before you start it."
    day = words_for(held, "es")
    assert day
    assert "jueves 3 de diciembre" in day.text
    both = words_for(f"{sentences()['withheld']} {sentences()['withheld.no_recent_log']}", "es")
    assert both
    assert "reporte nuevo" in both.text


@given(st.text())
def test_any_other_text_has_no_words(text: str) -> None:
    assert words_for(text, "es") is None or text in sentences().values()


def test_a_new_sentence_gets_a_row_and_what_is_there_stays() -> None:
    before = translations.file_of("es").read_text("utf-8")
    assert check.written(rows_of("es"), before) == before
    fewer = {key: row for key, row in rows_of("es").items() if key != CALM_ID}
    again = translations.read(check.written(fewer, before))
    assert again[CALM_ID] == TranslatedSentence(CALM_ID, mark_of(sentences()[CALM_ID]), "", "", "")
    assert {key: row for key, row in again.items() if key != CALM_ID} == fewer


def test_everything_the_rule_book_says_or_asks_has_an_id() -> None:
    said = {text for _, text in of_rules(read_content())}
    asked = {field["question"] for group in read_content()["groups"] for field in group["fields"]}
    assert asked <= said
    assert len(sentences()) > 500
