"""The page after Send: what to do now, who has been told, what comes next, and the sources of the advice."""

import uuid
from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from alerts.clock import db_now, shown_now
from patients.access import ACTING_FOR, PatientRequest, helped, needs, turn_to
from patients.permissions import Permission
from patients.tiers import URGENT
from patients.trouble import Parts
from recovery import selectors
from recovery.logs.read import read_log
from recovery.logs.submit import submit_log
from recovery.models import Assessment, DailyLog
from recovery.phone.cited_documents import titles
from recovery.phone.log import sending
from recovery.phone.log.note_question import asked_about, asks_about_note
from recovery.phone.what_was_said import what_was_said
from recovery.phone.who_was_told import told
from recovery.selectors.today import AlertView
from recovery.state import record
from recovery.wording.left_over import not_understood

CONFIRM = ("yes_now", "not_now")
CONFIRMED = uuid.UUID("f2a5d0f6-47a5-4a6b-9e0b-2f6a4f0f6a55")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.SEE_RECOVERY)
def advice(request: PatientRequest, code: UUID) -> HttpResponseBase:
    """Show the advice of one log. POST: the answer to the question about a note. ?part=told: only who was told."""
    found = selectors.advice(request.patient, code, shown_now()) or _of_another(request, code)
    if found is None:
        raise Http404
    log, alert = found
    if request.method == "POST":
        return _confirm(request, log)
    return show(request, log, alert)


def _of_another(request: PatientRequest, code: UUID) -> tuple[DailyLog, AlertView | None] | None:
    """Find the log of another patient this helper helps, and switch the session to that patient.

    A page that only refreshes ?part=told does not switch the session, because the helper did not open it now.
    """
    for person in request.people:
        found = selectors.advice(person, code, shown_now()) if person.code != request.patient.code else None
        if found:
            turn_to(request, person.code)
            if "part" not in request.GET:
                request.session[ACTING_FOR] = str(person.code)
            return found
    return None


def show(request: PatientRequest, log: DailyLog, alert: AlertView | None) -> HttpResponse:
    """Render the advice page, or only the part that says who was told."""
    verdict, parts = getattr(log, "assessment", None), Parts("advice of log", log.pk)
    shown = None
    if alert and verdict and verdict.tier in URGENT:
        shown = parts.one(
            _("Who has been told"), partial(told, alert, verdict.tier, to_helper=request.helper is not None)
        )
    context: dict[str, Any] = {"log": log, "verdict": verdict, "told": shown}
    context |= {"zone": log_zone(request), "helped": helped(request)}
    if request.GET.get("part") == "told":
        return render(request, "recovery/phone/_told.html", context)
    before = record.hours_at(log.procedure, log.happened_at) < 0
    context |= {
        "ask_note": parts.one(_("The question about your note"), lambda: _asks(log, verdict)) if verdict else [],
        "page_now": shown_now(),
        "answers": parts.many(_("What was told"), lambda: what_was_said(log.told, helped(request))),
        "urgent": verdict is not None and verdict.tier in URGENT,
        "before": before and (verdict is None or verdict.tier not in URGENT),
        "sources": parts.many(_("Where this advice comes from"), lambda: _sources(verdict)),
        "unread": parts.many(_("What was not understood"), lambda: not_understood(log.left_over)),
        "missing": parts.missing,
    }
    return render(request, "recovery/phone/advice.html", context)


def _asks(log: DailyLog, verdict: Assessment) -> list[Mapping[str, Any]]:
    """Return the concepts the page asks about; none when another rule is as urgent or the answer was yes."""
    if not asks_about_note(log.answers, verdict.tier, _fired(verdict)):
        return []
    return _concepts(log)


def _concepts(log: DailyLog) -> list[Mapping[str, Any]]:
    """Return the concepts found in this log's words, by the fever limits its verdict used."""
    return asked_about({**log.answers, **log.words}, getattr(log, "assessment", None))


def log_zone(request: Any) -> str:
    """Return the patient's time zone."""
    return str(request.patient.timezone)


def _fired(verdict: Assessment) -> list[tuple[str, str]]:
    return [(entry["id"], entry["tier"]) for entry in verdict.fired]


def _confirm(request: PatientRequest, log: DailyLog) -> HttpResponse:
    """Submit a log with the answer, which supersedes this one. Pressing twice finds the same log."""
    said = request.POST.get("notes_confirm", "")
    if said not in CONFIRM or log.procedure.closed_at or not sending.may_log(request):
        return redirect("recovery:advice", code=log.code)
    shown = [row["key"] for row in _concepts(log)]
    now = db_now()
    answered = read_log(
        answers={**log.told, "notes_confirm": said, "notes_asked": shown},
        client_id=uuid.uuid5(CONFIRMED, f"{log.client_id}{said}"),
        answered_at=now,
        unread=log.left_over.get("unread"),
        supersedes=log,
        **sending.sender(request, log.procedure, now, sending.WEB),
    )
    sent = submit_log(answered)
    return redirect("recovery:advice", code=sent.log.code)


def _sources(verdict: Assessment | None) -> list[str]:
    if verdict is None:
        return []
    said = [*verdict.messages, *verdict.notices]
    return titles(source for entry in said for source in entry["sources"])
