"""The plan page: a timeline of every milestone, with its reason and hour, and its sources in one fold."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from alerts.clock import shown_now
from patients.access import PatientRequest, helped, needs
from patients.permissions import Permission
from recovery import selectors
from recovery.phone.cited_documents import titles
from recovery.phone.clinic_words import own_words
from recovery.phone.step_words import Step, steps_of

# How many of the steps to come stand on the page; the others are folded.
SHOWN_TO_COME = 3


@require_safe
@needs(Permission.SEE_PLAN)
def plan(request: PatientRequest) -> HttpResponse:
    """Show every milestone of this patient: what is over, what counts today, and what is to come."""
    page = selectors.today(request.patient, shown_now(), helper=request.helper is not None)
    if page.procedure is None:
        return render(request, "recovery/phone/closed.html")
    steps = steps_of(page.cards, page.now, request.patient.timezone, helped(request))
    context: dict[str, Any] = {
        "page": page,
        "zone": request.patient.timezone,
        "helped": helped(request),
        "steps": steps,
        "sources": [(step.card.title, titles(step.card.sources)) for step in steps],
        "own_words": own_words(page.procedure, helped(request)),
        **_timeline(steps),
    }
    return render(request, "recovery/phone/plan.html", context)


def _timeline(steps: list[Step]) -> dict[str, list[Step]]:
    """Return the steps that are over, those that count now, and those to come: the next few, then the others."""
    to_come = [step for step in steps if step.tone == "later"]
    return {
        "past": [step for step in steps if step.tone == "over"],
        "now_steps": [step for step in steps if step.tone not in ("over", "later")],
        "next_steps": to_come[:SHOWN_TO_COME],
        "more_steps": to_come[SHOWN_TO_COME:],
    }
