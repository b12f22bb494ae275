"""The history page: the patient's logs and their advice, newest first."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from patients.access import PatientRequest, needs
from patients.permissions import Permission
from recovery import selectors
from recovery.models import DailyLog
from recovery.phone.pain_chart import HEIGHT, LEFT, RIGHT, WIDTH, Reading, pain_chart
from recovery.wording.log_words import back_pain


@require_safe
@needs(Permission.SEE_LOGS)
def history(request: PatientRequest) -> HttpResponse:
    """Show the logs of this recovery with their advice, and back pain as a sentence, a drawing and a table."""
    page = selectors.today(request.patient, timezone.now())
    if page.procedure is None:
        return render(request, "recovery/phone/closed.html")
    context: dict[str, Any] = {
        "page": page,
        "logs": page.logs,
        "chart": pain_chart(readings(page.logs)),
        "size": {"width": WIDTH, "height": HEIGHT, "left": LEFT, "right": WIDTH - RIGHT},
        "zone": request.patient.timezone,
    }
    return render(request, "recovery/phone/history.html", context)


def readings(logs: list[DailyLog]) -> list[Reading]:
    """Return back pain, 0 to 10, the higher of moving and resting, of each log that has it; oldest first."""
    found = [(log.happened_at, back_pain(log.answers)) for log in reversed(logs)]
    return [(at, pain) for at, pain in found if pain is not None]
