"""The library: the education cards that fit now, by group, each with its sources."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from patients.access import PatientRequest, helped, needs
from patients.permissions import Permission
from recovery import selectors
from recovery.phone.clinic_words import own_words
from recovery.phone.who_was_told import told_of
from recovery.plan.cards import NOTHING
from recovery.plan.cards_book import Card, default_cards
from recovery.triage.rulebook import source_row, source_title
from recovery.triage.traceability import normal

# Read at start-up, so that a broken file stops the start and not a patient's page.
TITLES = default_cards().groups


@dataclass(frozen=True)
class Group:
    """One group of cards with the sources a reader can look up."""

    key: str
    title: str
    cards: list[tuple[Card, list[str]]]


@require_safe
@needs(Permission.SEE_CARDS)
def learn(request: PatientRequest) -> HttpResponse:
    """Show the library of one patient; at call_911 it shows only what to do now."""
    page = selectors.today(request.patient, timezone.now(), helper=request.helper is not None)
    if page.procedure is None and request.patient.planned_on:
        return render(request, "recovery/phone/before.html", {**before_words(), "helped": helped(request)})
    if page.procedure is None:
        return render(request, "recovery/phone/closed.html")
    context: dict[str, Any] = {
        "page": page,
        "groups": groups(page.learn.library),
        "own_words": own_words(page.procedure, helped(request)),
        "emergency": page.learn is NOTHING,
        "told": told_of(page, to_helper=request.helper is not None),
        "helped": helped(request),
        "zone": request.patient.timezone,
    }
    return render(request, "recovery/phone/learn.html", context)


def before_words() -> dict[str, Any]:
    """Return the cards and questions for somebody whose procedure is still to come."""
    cards = default_cards()
    return {
        "groups": groups(tuple(card for card in cards.cards if card.when.phase == "before")),
        "questions": [question for question in cards.questions if question.when.phase == "before"],
    }


def groups(cards: tuple[Card, ...]) -> list[Group]:
    """Return the cards by group, in the order of the book, without empty groups."""
    found = [
        Group(key, title, [(card, in_words(card)) for card in cards if card.group == key])
        for key, title in TITLES.items()
    ]
    return [group for group in found if group.cards]


def in_words(card: Card) -> list[str]:
    """Return a card's sources in words: document, part and row, or that it is a default of this product."""
    return [_source(normal(mark)) for mark in card.sources]


def _source(mark: str) -> str:
    row = source_row(mark)
    return f"{source_title(mark)}, {row['section']} ({row['id']})" if row else source_title(mark)
