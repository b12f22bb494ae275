"""A page to take to a visit: questions, the pain chart, and recent logs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from patients.access import PatientRequest, helped, needs, not_too_often
from patients.permissions import Permission
from recovery import selectors
from recovery.models import DailyLog
from recovery.phone.cited_documents import titles
from recovery.phone.clinic_words import own_words
from recovery.phone.history import readings
from recovery.phone.pain_chart import HEIGHT, LEFT, RIGHT, WIDTH, pain_chart
from recovery.phone.visit_pdf import visit_pdf
from recovery.phone.visit_sheet import sheet_of
from recovery.triage.rulebook import answer_label
from recovery.wording.clinical_words import said
from recovery.wording.log_words import back_pain

LOGS_SHOWN = 14


@dataclass(frozen=True)
class LogLine:
    """One log as a line of the table."""

    at: datetime
    mark: str
    pain: int | None
    walked: str
    pills: str


@require_safe
@needs(Permission.SEE_VISIT)
def visit(request: PatientRequest) -> HttpResponse:
    """Show what to bring to the next visit; the page is made for printing."""
    context = _context(request)
    if context is None:
        return render(request, "recovery/phone/closed.html")
    return render(request, "recovery/phone/visit.html", context)


@require_safe
@needs(Permission.SEE_VISIT)
@not_too_often("export")
def visit_file(request: PatientRequest) -> HttpResponse:
    """Send the same as a PDF file."""
    context = _context(request)
    if context is None:
        return render(request, "recovery/phone/closed.html")
    answer = HttpResponse(visit_pdf(sheet_of(request.patient, context)), content_type="application/pdf")
    answer["Content-Disposition"] = 'inline; filename="visit.pdf"'
    return answer


def _context(request: PatientRequest) -> dict[str, Any] | None:
    """Return what page and file show; None without a watched recovery."""
    page = selectors.today(request.patient, timezone.now(), helper=request.helper is not None)
    if page.procedure is None:
        return None
    suggested = page.learn.questions
    return {
        "page": page,
        "procedure": page.procedure,
        "before": page.procedure.ended_at > page.now,
        "coming": page.procedure.next_visit_at and page.procedure.next_visit_at >= page.now,
        "asked": selectors.own_questions(page.logs),
        "suggested": suggested,
        "sources": titles(source for question in suggested for source in question.sources),
        "chart": pain_chart(readings(page.logs), helped(request)),
        "size": {"width": WIDTH, "height": HEIGHT, "left": LEFT, "right": WIDTH - RIGHT},
        "lines": [_line(log, helped(request)) for log in page.logs[:LOGS_SHOWN]],
        "own_words": own_words(page.procedure, helped(request)),
        "zone": request.patient.timezone,
        "helped": helped(request),
    }


def _line(log: DailyLog, helped: str) -> LogLine:
    walked, pills = log.answers.get("walk_level"), log.answers.get("pain_meds") or ()
    return LogLine(
        at=log.happened_at,
        mark=log.said.mark,
        pain=back_pain(log.answers),
        walked=said(answer_label("walk_level", walked), helped) if walked else "",
        pills=", ".join(said(answer_label("pain_meds", kind), helped) for kind in pills),
    )
