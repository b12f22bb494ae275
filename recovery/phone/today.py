"""Today, the first page: how far along the patient is, what to do, what is allowed, and who has answered."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from alerts.clock import shown_now
from patients.access import PatientRequest, needs, who_acts
from patients.permissions import Permission, may
from patients.sign_in.own_number import asks_number
from recovery import selectors
from recovery.phone.log import sending
from recovery.phone.who_was_told import told_of
from recovery.selectors.people import people_cards
from recovery.selectors.today import MilestoneCard, TodayPage

GROUPS = (
    ("limit", _("Hold back on this"), "wait"),
    ("allowed", _("You can do this"), "check"),
    ("care", _("Take care of this"), "sun"),
    ("ask", _("Ask first"), "ask"),
    ("not_yet", _("Not yet"), "clock"),
)
SHOWN_NOT_YET = 4


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
        "told": told_of(page),
        "zone": request.patient.timezone,
    }
    if request.GET.get("part") == "told":
        return render(request, "recovery/phone/_told.html", context)
    if page.procedure is None:
        return render(request, "recovery/phone/closed.html", context)
    context |= {
        "groups": _groups(page),
        "greeting": _greeting(page),
        "before": page.procedure.ended_at > now,
        "may_log": sending.may_log(request),
        "last_log": page.logs[0] if page.logs else None,
        "number": _number(request, now),
        "ice": page.ice if _answers_for_oneself(request) and not page.banner else "",
        "others": len(request.people) - 1,
    }
    return render(request, "recovery/phone/today.html", context)


def _answers_for_oneself(request: PatientRequest) -> bool:
    return may(who_acts(request), Permission.ANSWER_FOR_ONESELF)


def _number(request: PatientRequest, now: datetime) -> str:
    """Return what Today says about the patient's number: "wrong", "ask", or "" for nothing or to a helper."""
    if not _answers_for_oneself(request) or not request.patient.phone:
        return ""
    return "wrong" if request.patient.phone_wrong_at else "ask" if asks_number(request.patient, now) else ""


def _groups(page: TodayPage) -> list[tuple[str, str, str, list[MilestoneCard]]]:
    """Return the groups that have cards, in the order of Today; the plan page shows the later "not yet" cards."""
    cards: dict[str, list[MilestoneCard]] = {}
    for card in page.cards:
        cards.setdefault(_group(card), []).append(card)
    cards["not_yet"] = cards.get("not_yet", [])[:SHOWN_NOT_YET]
    return [(name, str(title), icon, cards[name]) for name, title, icon in GROUPS if cards.get(name)]


def _group(card: MilestoneCard) -> str:
    """Return a card's group: only permissions go under _("You can do this"), and a medicine on hold is a limit."""
    if card.kind == "medicine" and card.status == "active":
        return "limit"
    if card.group == "allowed" and card.kind != "permission":
        return "care"
    return card.group


def _greeting(page: TodayPage) -> str:
    hour = page.now.astimezone(ZoneInfo(page.patient.timezone)).hour
    words = _("Good morning") if 4 <= hour < 12 else _("Good afternoon") if 12 <= hour < 18 else _("Good evening")
    return str(words)


@require_safe
@needs(Permission.SEE_RECOVERY)
def people(request: PatientRequest) -> HttpResponse:
    """The cards of everybody this person may answer for; Change leads here from every page."""
    return choose(request)


def choose(request: PatientRequest) -> HttpResponse:
    """Ask a helper of several patients whom the pages are about, before any patient's data is shown."""
    return render(request, "recovery/phone/choose.html", {"people": people_cards(request.people)})
