"""Check that the product covers every statement of the documents, and that every citation is known."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from django.urls import NoReverseMatch, reverse

from recovery import outcome_figures
from recovery.plan.book import default_book
from recovery.plan.cards_book import default_cards
from recovery.triage.rulebook import load_rulebook
from recovery.triage.traceability import Embodiments, Known, broken_traces, embodiments, rule_citations

ROOT = Path(__file__).resolve().parents[1]
SOME_CODE = "00000000-0000-4000-8000-000000000000"


def all_citations() -> dict[str, Sequence[str]]:
    """Return the sources of every rule, notice, message, milestone, card, question and figure, by id."""
    milestones = {entry.id: entry.sources for entry in default_book().entries}
    return {
        **rule_citations(load_rulebook()),
        **milestones,
        **default_cards().citations(),
        **outcome_figures.citations(),
    }


def breaks(citations: Mapping[str, Sequence[str]] | None = None, listed: Embodiments | None = None) -> list[str]:
    """Return every break, in both directions, as a sentence; uses the product's own lists by default."""
    content = load_rulebook().content
    given = all_citations() if citations is None else citations
    return list(broken_traces(content, given, embodiments() if listed is None else listed, known()))


def known() -> Known:
    """Return, for each kind of place in embodied.toml, the test that a name exists."""
    book, citations = load_rulebook(), all_citations()
    fields = {field["code"] for group in book.content["groups"] for field in group["fields"]}
    return {
        "rule": lambda name: name.startswith("R") and name in citations,
        "notice": lambda name: name.startswith("N-") and name in citations,
        "card": lambda name: name.startswith(("CARD-", "ASK-")) and name in citations,
        "figure": outcome_figures.citations().__contains__,
        "milestone": default_book().ids.__contains__,
        "priority": {row.id for row in book.priorities}.__contains__,
        "field": fields.__contains__,
        "record": {row["name"] for row in book.content["patient"]}.__contains__,
        "page": _page_exists,
        "file": lambda name: (ROOT / name).is_file(),
    }


def _page_exists(name: str) -> bool:
    for args in ([], [SOME_CODE]):
        try:
            return bool(reverse(name, args=args))
        except NoReverseMatch:
            continue
    return False
