"""The plan page: every milestone in words, with its sources."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from patients.access import PatientRequest, needs
from patients.permissions import Permission
from recovery import selectors
from recovery.phone.cited_documents import titles
from recovery.phone.clinic_words import own_words
from recovery.selectors.today import MilestoneCard

# The words and icon of each status.
STATUS_WORDS = {
    "not_yet": (_("Not yet"), "clock"),
    "active": (_("In force now"), "sun"),
    "reached": (_("Now"), "check"),
    "ask_first": (_("Ask first"), "ask"),
    "withheld": (_("Hold off"), "wait"),
    "ended": (_("Over"), "check"),
}


@require_safe
@needs(Permission.SEE_PLAN)
def plan(request: PatientRequest) -> HttpResponse:
    """Show every milestone of this patient, in order."""
    page = selectors.today(request.patient, timezone.now())
    if page.procedure is None:
        return render(request, "recovery/phone/closed.html")
    context: dict[str, Any] = {
        "page": page,
        "zone": request.patient.timezone,
        "steps": [_step(card) for card in page.cards],
        "own_words": own_words(page.procedure),
    }
    return render(request, "recovery/phone/plan.html", context)


def _step(card: MilestoneCard) -> dict[str, Any]:
    words, icon = STATUS_WORDS.get(card.status, ("", "clock"))
    if card.status == "active" and card.kind == "limit":
        words, icon = _("Limit now"), "wait"
    tone = {"reached": "can", "withheld": "hold"}.get(card.status, "later")
    return {"card": card, "words": words, "icon": icon, "tone": tone, "sources": titles(card.sources)}
