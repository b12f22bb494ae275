"""The chart: patient and procedure, what waits, and the logs with the reasons of their verdicts."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from alerts.clock import shown_now
from alerts.lifecycle.answers import latest_to_be_seen
from alerts.models import Alert, AlertEvent, AlertSign
from patients.access import StaffRequest, needs, patient_or_404
from patients.forms.overrides import FORMS
from patients.forms.overrides import in_words as setting_words
from patients.models import Patient
from patients.permissions import Permission, may
from patients.tiers import ON_TRACK
from patients.trouble import Parts
from recovery.desk.alert.act_form import ActForm
from recovery.desk.alert.alert_history import (
    EventLine,
    SentMessage,
    events_in_words,
    messages_of,
    open_signs_in_words,
    reason_words,
)
from recovery.desk.chart.chart_query import Chart, Hold
from recovery.desk.chart.chart_query import chart as find_chart
from recovery.desk.chart.course_view import course_of
from recovery.desk.chart.log_view import LogView, log_view
from recovery.desk.chart.plan_date_rows import plan_dates
from recovery.desk.chart.plan_rows import plan_row
from recovery.desk.chart.risks import flags
from recovery.desk.desk_words import calls_without_answer, for_how_long
from recovery.desk.worklist.after_restore import banner
from recovery.desk.worklist.stuck_work import stills_of_patient
from recovery.desk.worklist.worklist_rows import call_back_words, next_in_words, not_arrived_words, stay_words
from recovery.selectors import own_questions
from recovery.selectors.care_messages import with_messages, written_to
from recovery.selectors.patient_status import with_facts
from recovery.wording.log_words import WORDS

# Older logs are folded.
LOGS_SHOWN = 7
# For this long notes taken back are at the top of the chart; after that, under the plan.
NEWS = timedelta(days=7)


@dataclass(frozen=True)
class AlertView:
    """One alert with its signs, events and messages in words."""

    alert: Alert
    signs: list[tuple[str, AlertSign]]
    events: list[EventLine]
    messages: list[SentMessage]

    @property
    def advised(self) -> AlertEvent | None:
        """Return the advice of the last contact, while that contact counts."""
        contacts = [event for event in self.alert.events.all() if event.what in ("contacted", "evaluated")]
        return contacts[-1] if contacts and self.alert.contacted_at else None

    @property
    def newest(self) -> int:
        """Return the id of the newest event this page shows."""
        return max((event.pk for event in self.alert.events.all()), default=0)

    @property
    def tries_words(self) -> str:
        """Return words such as "2 calls without an answer"."""
        return calls_without_answer(self.alert.tries)


@require_safe
@needs(Permission.SEE_CHART)
def chart(request: StaffRequest, code: UUID) -> HttpResponse:
    """Show the chart; the access log records that it was opened."""
    patient = patient_or_404(request, code, action="opened the chart", with_more=_with_more)
    now = shown_now()
    found = find_chart(patient, now, whole="whole" in request.GET)
    return render(request, "recovery/desk/chart.html", _page(request, found))


def _with_more(patients: QuerySet[Patient]) -> QuerySet[Patient]:
    return with_messages(with_facts(patients))


def _page(request: StaffRequest, found: Chart) -> dict[str, Any]:
    """Return the page's content in words. Parts that fail are left out and named; the rest is shown."""
    zone = request.staff.clinic.timezone
    parts = Parts("chart of patient", found.patient.pk)
    parts.missing += found.missing
    alerts = parts.each("An alert", found.alerts, partial(_alert_view, found.now, ZoneInfo(zone)))
    active = next((view for view in alerts if view.alert.state != Alert.State.RESOLVED), None)
    plan = parts.each("A step of the plan", found.cards, partial(plan_row, found, request.staff))
    logs = parts.each("A log", found.logs, partial(log_view, ZoneInfo(zone), found.known.stay is not None))
    return {
        "put_back": banner(request.staff, found.now),
        "still": stills_of_patient(request.staff, found.patient, found.now),
        "patient": found.patient,
        "procedure": found.procedure,
        "present": found.known.present,
        "mark": _mark(found, logs),
        "silent_words": parts.one("Since when nothing was logged", lambda: _silent_words(found)) or "",
        "day": max(int(found.hours // 24), 0),
        "age": found.patient.age_on(found.now.date()),
        "active": active,
        **_about_active(parts, found, active, logs, zone),
        "alerts": alerts,
        "logs": logs[:LOGS_SHOWN],
        "earlier": logs[LOGS_SHOWN:],
        **_about_recovery(parts, found),
        "questions": parts.many("Questions for the visit", lambda: own_questions(found.logs)),
        "plan": plan,
        "plan_dates": parts.many("Days of the plan", lambda: plan_dates(found, request.staff)),
        "plan_now": [row for row in plan if row.now or row.form],
        "taken_back": found.taken_back,
        "just_taken_back": any(found.now - told.taken_back_at < NEWS for told in found.taken_back),
        "looks": found.looks,
        "left_out": found.left_out,
        "contacts": found.contacts,
        "care_messages": parts.many("Messages to the patient", lambda: written_to(found.patient)),
        "may_write": found.procedure is not None and may(request.staff, Permission.WRITE_MESSAGES),
        "holds": parts.each("Set for this patient", found.holds, _hold),
        "stay": found.known.stay,
        "stay_words": parts.one("In the hospital", partial(_stay_words, found)) or "",
        "call_back": parts.one("A promised call-back", partial(_call_back_words, found, zone)) or "",
        "not_arrived": [(not_arrived_words(one.logs), one) for one in found.known.not_arrived],
        "missing": parts.missing,
        "zone": zone,
        "now": found.now,
    }


def _hold(row: Hold) -> tuple[str, str, Hold]:
    """Return an override in words: title, value, and the hold."""
    return FORMS[row.key].title, setting_words(row.key, row.value), row


def _mark(found: Chart, logs: list[LogView]) -> str:
    """Return the patient's mark; when the newest log has words, a calm tier is about the answers alone."""
    mark = found.known.present.mark
    return WORDS if mark == ON_TRACK and logs and logs[0].mark == WORDS else mark


def _stay_words(found: Chart) -> str:
    return stay_words(found.known.stay, found.now) if found.known.stay else ""


def _call_back_words(found: Chart, zone: str) -> str:
    promised = found.known.call_back
    return call_back_words(promised, found.now, ZoneInfo(zone)) if promised else ""


def _silent_words(found: Chart) -> str:
    """Return words such as "No log for 3 days"; "" for a patient who is not silent."""
    last = found.known.present.last_log_at or found.known.ended_at
    return f"No log for {for_how_long(found.now - last)}" if found.known.present.silent and last else ""


def _about_active(
    parts: Parts, found: Chart, active: AlertView | None, logs: list[LogView], zone: str
) -> dict[str, Any]:
    """Return the act panel: its form, and the words about the active alert, if any."""
    alert = active.alert if active else None
    told_next = None
    if alert:
        told_next = parts.one("Who is told next", lambda: next_in_words(alert, found.now, ZoneInfo(zone)))
    next_words, until = told_next or ("", 0)
    return {
        "alert": alert,
        "active_late": (parts.one("When it happened", lambda: _late(active, logs)) or "") if active else "",
        "next_words": next_words,
        "until": until,
        "reasons": open_signs_in_words(alert, found.now, ZoneInfo(zone)) if alert else [],
        "helpers": found.helpers,
        "form": ActForm(
            newest=active.newest if active else 0,
            now=found.now,
            zone=zone,
            about=alert,
            to_be_seen=latest_to_be_seen(alert, found.now) if alert else None,
            watched=found.procedure is not None,
        ),
    }


def _about_recovery(parts: Parts, found: Chart) -> dict[str, Any]:
    procedure = found.procedure
    if procedure is None:
        return {"flags": [], "course": None}
    return {
        "flags": parts.many("Risk flags", lambda: flags(procedure)),
        "course": parts.one("The course", partial(course_of, found)),
    }


def _alert_view(now: datetime, zone: ZoneInfo, alert: Alert) -> AlertView:
    signs = [(reason_words(sign, now, zone), sign) for sign in alert.signs.all()]
    return AlertView(alert, signs, events_in_words(alert), messages_of(alert))


def _late(active: AlertView | None, logs: list[LogView]) -> str:
    """Return when the cause of the active alert happened, if its newest log was late; else ""."""
    pk = active.alert.pk if active else None
    of_it = [log for log in logs if log.assessment and log.assessment.alert_id == pk and pk is not None]
    return max(of_it, key=lambda log: log.log.received_at).late if of_it else ""
