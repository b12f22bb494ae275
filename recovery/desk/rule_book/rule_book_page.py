"""The rule book page for clinicians: every rule, milestone, card and source on one page."""

from dataclasses import replace
from functools import lru_cache
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from patients.access import StaffRequest, needs
from patients.permissions import Permission
from recovery.desk.rule_book.clinic_settings_query import counting_and_waiting
from recovery.desk.rule_book.rule_book_cards import card_groups, visit_questions
from recovery.desk.rule_book.rule_book_content import names, sections, steps, with_ours
from recovery.desk.rule_book.setting_words import by_rule, clinic_lines
from recovery.desk.rule_book.statement_places import rests, traces
from recovery.outcome_figures import FIGURES
from recovery.plan.book import default_book
from recovery.plan.cards_book import default_cards
from recovery.selectors import differences
from recovery.selectors.differences import DAYS
from recovery.triage.rulebook import load_rulebook
from recovery.triage.shapes import Rulebook
from recovery.wording.difference import KINDS


@require_safe
@needs(Permission.SEE_WORKLIST)
def rules(request: StaffRequest) -> HttpResponse:
    """Show the rule book. It has no patient data, so the access log does not record it."""
    clinic = request.staff.clinic
    now = timezone.now()
    rows, waiting = counting_and_waiting(clinic.pk, now)
    found = differences(now, clinic)
    page = {
        "hash": load_rulebook().hash,
        "body": body(load_rulebook().hash, clinic_lines(rows, clinic.timezone)),
        "waiting": waiting,
        "days": DAYS,
        "differences": [(KINDS.get(kind, kind), number) for kind, number in found.items() if number],
    }
    return render(request, "recovery/desk/rule_book.html", page)


@lru_cache(maxsize=8)
def body(rulebook_hash: str, ours: tuple[tuple[str, str], ...] = ()) -> SafeString:
    """Return the HTML below the title, cached by rule book and the clinic's lines (rule, line)."""
    made = render_to_string("recovery/desk/_rule_book.html", _content(load_rulebook(), ours))
    return mark_safe(made)  # noqa: S308 - our own template has escaped every value


def _content(rulebook: Rulebook, ours: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    found, sources = traces(rulebook), rulebook.content["sources"]
    rows = [row for _, kind in found for row in kind]
    lines = by_rule(ours)
    return {
        "sections": [replace(one, rules=with_ours(one.rules, lines)) for one in sections(rulebook)],
        "priorities": rulebook.priorities,
        "steps": with_ours(steps(default_book()), lines),
        "conflicts": sources["conflicts"],
        "open_questions": sources["open_questions"],
        "defaults": sources["defaults"],
        "figures": FIGURES,
        "traces": found,
        "in_part": [row for row in rows if row.lacks],
        "rows_traced": len(rows),
        "rests": rests(rulebook),
        "linked": {row.id for row in rows},
        "card_groups": card_groups(default_cards()),
        "questions_to_ask": visit_questions(default_cards()),
        "cards_total": len(default_cards().cards),
        "names": names(rulebook.content),
        "documents": sources["documents"],
    }
