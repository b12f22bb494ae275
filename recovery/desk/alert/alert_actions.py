"""The pages of an alert's actions: acknowledge, record a contact, snooze, close, hand over."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from alerts.clock import db_now
from alerts.lifecycle import AckResult, AlertError
from alerts.lifecycle.answers import latest_to_be_seen
from alerts.lifecycle.double_press import Overtaken
from alerts.lifecycle.selectors import newest_event
from alerts.lifecycle.snoozing import URGENT as NO_SNOOZE
from alerts.messaging.contact_methods import SCREEN_ALONE, working_kinds
from alerts.models import Alert
from patients.access import StaffRequest, needs, record
from patients.models import Staff
from patients.onward import back_or
from patients.permissions import Permission
from patients.selectors.people import active_staff
from patients.sign_in.kept_forms import keeps_form, typed_or_kept
from patients.trouble import report
from recovery.desk.alert.after_words import after_try, kept_beside, meanwhile
from recovery.desk.alert.alert_forms import (
    NOT_REACHED,
    AlertForm,
    ContactForm,
    HandOverForm,
    ResolveForm,
    SnoozeForm,
)
from recovery.desk.alert.alert_history import open_signs_in_words, together
from recovery.desk.desk_words import clock_words
from recovery.journey import actions

Write = Callable[[dict[str, Any]], None]


@require_safe
@needs(Permission.ANSWER_ALERTS)
def alert_page(request: StaffRequest, code: UUID) -> HttpResponse:
    """Redirect the link of an alert's message to the chart of its patient."""
    return _back(request, _alert(request, code))


@require_POST
@needs(Permission.ANSWER_ALERTS)
def acknowledge(request: StaffRequest, code: UUID) -> HttpResponse:
    """Acknowledge by one click. A second person is told who has the alert, and since when."""
    alert, now = _alert(request, code), db_now()
    record(request, alert.patient, action="took the alert")
    try:
        result = actions.acknowledge(staff=request.staff, code=code, now=now)
    except AlertError as error:
        messages.error(request, error.text)
    else:
        _then(request, lambda: _say(request, result, now))
    return _back(request, alert)


def _then(request: StaffRequest, say: Callable[[], None]) -> None:
    """Show the message after an action is stored; an error in the message must not make the press fail."""
    try:
        say()
    except Exception as error:
        report(f"request {getattr(request, 'request_id', '')}", "What is said after a press", error)
        messages.success(request, "It is written down: the chart shows it.")


def _say(request: StaffRequest, result: AckResult, now: datetime) -> None:
    zone, alert = ZoneInfo(request.staff.clinic.timezone), result.alert
    if result.won and alert.ack_expires_at:
        until = clock_words(alert.ack_expires_at, now, zone)
        messages.success(request, f"You have {alert.patient.name}’s alert. Write down the contact by {until}.")
        return
    at = clock_words(result.at, now, zone)
    if alert.state == Alert.State.RESOLVED:
        messages.warning(request, f"{result.by_name or 'The system'} closed this alert: {at}.")
    elif alert.acked_by_id == request.staff.pk:
        messages.info(request, f"You have this alert already, since {at}.")
    else:
        messages.warning(request, f"{result.by_name} was faster and has had this alert since {at}.")


@keeps_form()
@require_http_methods(["GET", "POST"])
@needs(Permission.ANSWER_ALERTS)
def contact(request: StaffRequest, code: UUID) -> HttpResponse:
    """Record a contact, an examination or a call without an answer, with a note for the next person."""
    alert, now = _alert(request, code), db_now()
    form = ContactForm(
        typed_or_kept(request),
        newest=newest_event(alert),
        now=now,
        zone=alert.clinic.timezone,
        to_be_seen=latest_to_be_seen(alert, now),
    )

    def write(data: dict[str, Any]) -> None:
        if data["level"] == NOT_REACHED:
            tried = actions.record_try(
                staff=request.staff, code=code, note=data["note"], now=now, press=data["press"]
            )
            _then(request, lambda: messages.warning(request, after_try(tried, now)))
            return
        written = actions.record_contact(staff=request.staff, code=code, now=now, **data)
        if written.state == Alert.State.RESOLVED:
            messages.warning(request, kept_beside(written, now))
            return
        messages.success(request, "Contact recorded.")

    return _act(request, alert, form, write, "Record a contact", "Record this contact")


@keeps_form()
@require_http_methods(["GET", "POST"])
@needs(Permission.ANSWER_ALERTS)
def snooze(request: StaffRequest, code: UUID) -> HttpResponse:
    """Snooze a watch item for some days; urgent alerts cannot be snoozed."""
    alert, now = _alert(request, code), db_now()
    if alert.tier != Alert.Tier.WATCH:
        messages.error(request, NO_SNOOZE)
        return redirect("recovery:chart", code=alert.patient.code)
    zone = alert.clinic.timezone
    form = SnoozeForm(typed_or_kept(request), newest=newest_event(alert), now=now, zone=zone)

    def write(data: dict[str, Any]) -> None:
        until = form.until()
        actions.snooze(
            staff=request.staff, code=code, until=until, reason=data["reason"], now=now, press=data["press"]
        )
        later = "It comes back at once if anything gets worse."
        shown = partial(clock_words, until, now, ZoneInfo(zone))
        _then(request, lambda: messages.success(request, f"Snoozed until {shown()}. {later}"))

    return _act(request, alert, form, write, "Snooze this watch item", "Snooze it")


@keeps_form()
@require_http_methods(["GET", "POST"])
@needs(Permission.ANSWER_ALERTS)
def resolve(request: StaffRequest, code: UUID) -> HttpResponse:
    """Close an alert with an outcome and a note."""
    alert = _alert(request, code)
    form = ResolveForm(typed_or_kept(request), newest=newest_event(alert))

    def write(data: dict[str, Any]) -> None:
        actions.resolve(staff=request.staff, code=code, now=db_now(), **data)
        messages.success(request, "The alert is closed.")

    return _act(request, alert, form, write, "Close this alert", "Close the alert")


@keeps_form()
@require_http_methods(["GET", "POST"])
@needs(Permission.ANSWER_ALERTS)
def hand_over(request: StaffRequest, code: UUID) -> HttpResponse:
    """Hand an alert over to a colleague, who is told at once."""
    alert = _alert(request, code)
    holder = alert.acked_by_id if request.method == "GET" else None
    colleagues = [person for person in active_staff(alert.clinic) if person.pk != holder]
    form = HandOverForm(typed_or_kept(request), newest=newest_event(alert), colleagues=colleagues)

    def write(data: dict[str, Any]) -> None:
        actions.hand_over(
            staff=request.staff,
            code=code,
            to_staff=form.colleague,
            note=data["note"],
            now=db_now(),
            press=data["press"],
        )
        _then(request, partial(_say_handed_over, request, form.colleague))

    return _act(request, alert, form, write, "Hand this alert over", "Hand it over")


def _say_handed_over(request: StaffRequest, colleague: Staff) -> None:
    if working_kinds(colleague.user):
        messages.success(request, f"{colleague.name} has this alert now and is being told.")
    else:
        messages.warning(request, f"{colleague.name} has this alert now. {SCREEN_ALONE}")


def _act(
    request: StaffRequest, alert: Alert, form: AlertForm, write: Write, title: str, button: str
) -> HttpResponse:
    """Show or carry out one action. The form keeps its input when invalid, outdated or no longer possible."""
    if alert.state == Alert.State.RESOLVED and not form.is_bound:
        return _closed(request, alert)
    if request.method == "POST" and form.is_valid():
        record(request, alert.patient, action=title.lower())
        try:
            write(form.written())
        except Overtaken as error:
            form.add_error(None, meanwhile(error.event, alert, db_now()))
            form.caught_up(newest_event(alert))
            alert = _alert(request, alert.code)
        except AlertError as error:
            form.add_error(None, error.text)
        else:
            return redirect("recovery:chart", code=alert.patient.code)
    page: dict[str, Any] = {
        "alert": alert,
        "patient": alert.patient,
        "age": alert.patient.age_on(db_now().date()),
        "why": together(open_signs_in_words(alert, db_now(), ZoneInfo(alert.clinic.timezone))),
        "zone": alert.clinic.timezone,
        "form": form,
        "title": title,
        "button": button,
    }
    return render(request, "recovery/desk/action.html", page, status=422 if request.method == "POST" else 200)


def _closed(request: StaffRequest, alert: Alert) -> HttpResponse:
    """Redirect to the chart and say who closed the alert."""
    who = alert.resolved_by.name if alert.resolved_by else "The system"
    at = clock_words(alert.resolved_at or db_now(), db_now(), ZoneInfo(alert.clinic.timezone))
    messages.info(request, f"{who} closed this alert: {at}.")
    return redirect("recovery:chart", code=alert.patient.code)


def _alert(request: StaffRequest, code: UUID) -> Alert:
    """Return an alert of the staff member's clinic; 404 for any other."""
    try:
        return actions.find_alert(request.staff, code)
    except actions.NotYours:
        raise Http404 from None


def _back(request: StaffRequest, alert: Alert) -> HttpResponseRedirect:
    """Redirect to the page the click came from: the worklist or the chart."""
    return back_or(request, reverse("recovery:chart", args=[alert.patient.code]))
