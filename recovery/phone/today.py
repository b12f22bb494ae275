"""Today, the first page: how far along the patient is, what to do, what is allowed, and who has answered."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from alerts.clock import shown_now
from patients.access import PatientRequest, helped, needs, who_acts
from patients.permissions import Permission, may
from patients.selectors.turns import turns_of
from patients.sign_in.own_number import asks_number
from recovery import selectors
from recovery.phone.history import readings
from recovery.phone.last_days import last_days, pain_picture, walked
from recovery.phone.log import sending
from recovery.phone.pain_chart import trend
from recovery.phone.step_words import steps_of, together
from recovery.phone.who_was_told import told_of
from recovery.selectors.care_messages import NewestMessage, waiting_for
from recovery.selectors.people import people_cards
from recovery.selectors.today import TodayPage
from recovery.triage.rulebook import answer_label

# The order of the one card: what is allowed, what to do, what to leave, what to ask, what waits and why.
ORDER = ("can", "care", "limit", "ask", "hold")
SHOWN_NOT_YET = 3
# Kinds that teach: on Today their titles stand in one row, and the plan has their words.
TAUGHT = ("education",)


@require_safe
@needs(Permission.SEE_RECOVERY)
def today(request: PatientRequest) -> HttpResponse:
    """Show the first page of a patient or helper. ?part=told: only the part that says who was told."""
    if sending.must_choose(request):
        return choose(request)
    now = shown_now()
    page = selectors.today(request.patient, now, helper=request.helper is not None)
    context: dict[str, Any] = {
        "page": page,
        "told": told_of(page, to_helper=request.helper is not None),
        "zone": request.patient.timezone,
        "helped": helped(request),
    }
    if request.GET.get("part") == "told":
        return render(request, "recovery/phone/_told.html", context)
    if page.procedure is None:
        return render(request, "recovery/phone/closed.html", context)
    context |= {
        **_steps(request, page),
        **_last_days(request, page),
        "greeting": _greeting(page),
        "before": page.procedure.ended_at > now,
        "may_log": sending.may_log(request),
        "last_log": page.logs[0] if page.logs else None,
        "number": _number(request, now),
        "letter": _letter(request, page),
        "turns": turns_of(request.helper, now) if request.helper else [],
        "ice": page.ice if _answers_for_oneself(request) and not page.banner else "",
    }
    return render(request, "recovery/phone/today.html", context)


def _answers_for_oneself(request: PatientRequest) -> bool:
    return may(who_acts(request), Permission.ANSWER_FOR_ONESELF)


def _letter(request: PatientRequest, page: TodayPage) -> NewestMessage | None:
    """Return the care team's newest message for those who may read it; None without one."""
    allowed = may(who_acts(request), Permission.READ_MESSAGES)
    return waiting_for(request.user, getattr(page.procedure, "newest_message", None)) if allowed else None


def _number(request: PatientRequest, now: datetime) -> str:
    """Return what Today says about the patient's number: "wrong", "ask", or "" for nothing or to a helper."""
    if not _answers_for_oneself(request) or not request.patient.phone:
        return ""
    return "wrong" if request.patient.phone_wrong_at else "ask" if asks_number(request.patient, now) else ""


def _steps(request: PatientRequest, page: TodayPage) -> dict[str, Any]:
    """Return the rows of the card, and the next steps that are still to come; the plan page shows them all."""
    steps = steps_of(page.cards, page.now, request.patient.timezone, helped(request))
    taught = [step.card for step in steps if step.card.kind in TAUGHT and step.tone == "care"]
    steps = [step for step in steps if step.card not in taught]
    return {
        "taught": taught,
        "steps": together(step for tone in ORDER for step in steps if step.tone == tone),
        "not_yet": [step for step in steps if step.tone == "later"][:SHOWN_NOT_YET],
    }


def _last_days(request: PatientRequest, page: TodayPage) -> dict[str, Any]:
    """Return pain and walking of the last days, for those who may read the logs."""
    if not may(who_acts(request), Permission.SEE_LOGS):
        return {}
    logs = last_days(page.logs, page.now)
    pains = readings(logs[::-1])
    return {
        "pain": pain_picture(logs),
        "pain_words": trend(pains, helped(request)) if len(pains) > 1 else "",
        "walked": [(answer_label("walk_level", level), bars) for level, bars in walked(logs)][-1:],
        "bars": range(1, 4),
    }


def _greeting(page: TodayPage) -> str:
    hour = page.now.astimezone(ZoneInfo(page.patient.timezone)).hour
    return _("Good morning") if 4 <= hour < 12 else _("Good afternoon") if 12 <= hour < 18 else _("Good evening")


@require_safe
@needs(Permission.SEE_RECOVERY)
def people(request: PatientRequest) -> HttpResponse:
    """The cards of everybody this person may answer for; Change leads here from every page."""
    return choose(request)


def choose(request: PatientRequest) -> HttpResponse:
    """Ask a helper of several patients whom the pages are about, before any patient's data is shown."""
    return render(request, "recovery/phone/choose.html", {"people": people_cards(request.people)})
