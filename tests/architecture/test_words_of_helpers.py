"""No template of the phone says "you" or "I" to a helper where it means the patient.

A sentence with such a word either stands in the branch for patients ({% if helped %} ... {% else %} here), or is
named below because it means whoever reads.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.template import engines
from django.template.base import NodeList
from django.template.defaulttags import IfNode
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

from recovery.wording.languages.check import TO_THE_PATIENT

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
# The pages of helpers and what they include: those of the phone that are not a patient's alone.
PARTS = ("recovery/phone/*.html", "recovery/phone/log/*.html", "components/*.html", "base_phone.html")
# Helpers never get these (patients.permissions.ANSWER_FOR_ONESELF), or nobody is signed in there.
OF_PATIENTS = ("_ice.html", "_number.html", "_travel.html", "signed_out.html")
# Of one's own sign-in, phones and turn: they mean whoever reads, on every line.
OF_THE_READER = ("my_phones.html", "turn.html", "_turn.html", "choose.html", "may_not_log.html")
# And these sentences, which mean whoever holds the phone.
MEAN_THE_READER = {
    "_told_wait.html": {
        "If you reach nobody, go to the ER.",
        "If you hear nothing by {{ until }}, call us:",
    },
    "_unsent.html": {"I called. Remove it"},
    "_phone_advice.html": {
        "There is no signal or no answer, or this Wi-Fi first wants you to sign in. It goes out by itself as soon"
        " as it can. If it is urgent, call.",
        "<strong>In hospital since <span data-away-since></span></strong>. Tell the staff there at once if"
        " anything changes or worries you.",
    },
    "_hospital.html": {
        "<strong>{{ name }} is in hospital since {{ since }}</strong>. Tell the staff there at once if anything"
        " changes or worries you. Logs still count; reminders wait until the stay is over.",
    },
    "_emergency_facts_english.html": {"In your language"},
    "_panel_911.html": {"If you tapped anything in the first list:"},
    "help.html": {
        "My calendar",
        "Visits and plan in your phone’s calendar",
        "Another helper gets your notes",
        "My phones",
        "How I sign in",
    },
    "plan.html": {"My calendar"},
    "offline.html": {"You are offline", "You can still log"},
    # Under {% if today %}, {% if hours %} and {% if own %}, which are for patients; and what anybody may press.
    "my_reminders.html": {
        "You logged today. We ask again on the next day.",
        "We remind you again at {{ time }}.",
        "You have not logged today.",
        "I already did",
        "Remind me later",
        "Never at night. If you logged that day, no reminder comes.",
        'Send me a test <span class="visually-hidden">{{ phone }}</span>',
        "I am home again",
        "I am in the hospital",
    },
}
# Links that only patients get (request|may:"ANSWER_FOR_ONESELF", "CHOOSE_HELPERS").
MEAN_THE_READER["help.html"] |= {"My helpers", "Messages to me", "Reminders by the clocks where you are"}


def names(condition: Any) -> list[str]:
    """The variables of an {% if %}, with "not" before those it turns round."""
    if condition is None:
        return []
    if hasattr(condition, "text"):
        return [condition.text]
    parts = [part for part in (condition.first, condition.second) if part is not None]
    return [f"not {name}" if condition.id == "not" else name for part in parts for name in names(part)]


def sentence(node: Any) -> str:
    if isinstance(node, TranslateNode):
        return str(node.filter_expression.var).strip("'\"")
    if not isinstance(node, BlockTranslateNode):
        return ""
    parts = (
        token.contents if token.token_type.value == 0 else f"{{{{ {token.contents} }}}}" for token in node.singular
    )
    return " ".join("".join(parts).split())


def to_helpers(nodes: NodeList, of_patient: bool = False) -> Iterator[str]:
    """Yield each sentence that a helper may read."""
    for node in nodes:
        if isinstance(node, IfNode):
            yield from _branches(node, of_patient)
            continue
        if not of_patient and (words := sentence(node)):
            yield words
        for name in node.child_nodelists:
            yield from to_helpers(getattr(node, name, None) or NodeList(), of_patient)


def _branches(node: IfNode, of_patient: bool) -> Iterator[str]:
    after = of_patient
    for condition, inner in node.conditions_nodelists:
        found = names(condition)
        yield from to_helpers(inner, after or "not helped" in found or "not request.helper" in found)
        after = after or found in (["helped"], ["request.helper"])


def templates() -> list[Path]:
    places = [place for part in PARTS for place in sorted(TEMPLATES.glob(part))]
    return [place for place in places if place.name not in (*OF_PATIENTS, *OF_THE_READER)]


def speaking(place: Path) -> set[str]:
    engine: Any = engines["django"]
    nodes = engine.engine.get_template(str(place.relative_to(TEMPLATES))).nodelist
    return {words for words in to_helpers(nodes) if TO_THE_PATIENT["en"].search(words)}


@pytest.mark.parametrize("place", templates(), ids=lambda place: place.name)
def test_no_template_says_you_to_a_helper_and_means_the_patient(place: Path) -> None:
    assert speaking(place) - MEAN_THE_READER.get(place.name, set()) == set()


def test_the_exceptions_are_still_there() -> None:
    found = {place.name: speaking(place) for place in templates()}
    assert {name: words - found[name] for name, words in MEAN_THE_READER.items() if words - found[name]} == {}


def test_it_finds_a_sentence_in_the_wrong_branch() -> None:
    engine: Any = engines["django"]
    wrong = (
        '{% load i18n %}{% if helped %}{% translate "Your plan" %}{% else %}{% translate "My plan" %}{% endif %}'
    )
    assert list(to_helpers(engine.engine.from_string(wrong).nodelist)) == ["Your plan"]
    turned = '{% load i18n %}{% if not helped %}{% translate "Your plan" %}{% endif %}{% translate "Our plan" %}'
    assert list(to_helpers(engine.engine.from_string(turned).nodelist)) == ["Our plan"]


def test_every_clinical_sentence_on_a_page_is_asked_for_with_its_reader() -> None:
    """The filters take who reads: a template that forgets it does not compile."""
    engine: Any = engines["django"]
    with pytest.raises(Exception, match="2 arguments"):
        engine.engine.from_string("{% load clinical %}{{ text|clinical }}")
    for place in TEMPLATES.rglob("*.html"):
        assert engine.engine.get_template(str(place.relative_to(TEMPLATES))), place.name


def test_no_part_of_a_page_loses_who_reads_it() -> None:
    """{% include ... only %} hands on what it names alone: without helped the part would speak to the patient."""
    texts = {place.relative_to(TEMPLATES).as_posix(): place.read_text() for place in TEMPLATES.rglob("*.html")}
    isolated = re.compile(r'\{% include "([^"]+)"([^%]*)\bonly %\}')
    asks = {name for name, words in texts.items() if re.search(r"\bhelped\b", words)}
    lost = {
        (name, part)
        for name, words in texts.items()
        for part, given in isolated.findall(words)
        if part in asks and "helped=helped" not in given
    }
    assert lost == set()
