"""What /my/reminders/ shows: today's reminder, how notes come, at which hours, this phone, and the hospital."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from alerts.messaging.devices import vapid_key
from patients.access import PatientRequest, who_acts
from patients.forms.log_hours import LogHoursForm
from patients.models import ContactMethod, Patient, Procedure
from patients.permissions import Permission, may
from patients.scoping import rows_of
from patients.selectors.reach import PUSH, of_helpers, of_patient
from patients.tiers import ON_TRACK
from patients.values.wall_clock import to_wall
from recovery.care_plan import answers
from recovery.journey.stays import open_stay
from recovery.phone.reminders.note_forms import NoteWaysForm
from recovery.plan.clock import next_allowed
from recovery.plan.situation import read_situation
from recovery.state import current_state, record

TEST = "phone_test"
TEST_WITHIN = timedelta(minutes=5)


def page_of(request: PatientRequest, now: datetime) -> dict[str, Any]:
    """Return everything on the page, with the forms as they are stored, or as they were posted."""
    person, patient = who_acts(request), request.patient
    reach = of_patient(patient) if isinstance(person, Patient) else of_helpers([person])[0][1]
    devices = list(ContactMethod.objects.filter(user=request.user, kind=PUSH).order_by("-verified_at"))
    action = request.POST.get("action", "")
    posted = {name: request.POST if action == name else None for name in ("ways", "hours")}
    own = request.helper is None
    return {
        "patient": patient,
        "own": own,
        "ways": NoteWaysForm(posted["ways"], reach=reach, devices=len(devices)),
        "hours": LogHoursForm(posted["hours"], hours=patient.log_hours) if own else None,
        "devices": devices,
        "vapid_key": vapid_key(),
        "sentences": sentences(),
        "stay": open_stay(patient),
        "may_say": may(person, Permission.LOG),
        **(_today(patient, now) if own else {}),
    }


def _today(patient: Patient, now: datetime) -> dict[str, Any]:
    """Return what can be done about today's reminder; {} without an open recovery or during a hospital stay."""
    procedure = record.with_overrides(rows_of(Procedure, patient=patient).filter(closed_at__isnull=True)).first()
    if procedure is None:
        return {}
    at = current_state.load(procedure, now)
    s = read_situation(at.record, {"tier": ON_TRACK}, now, at.book)
    if at.in_hospital:
        return {}
    moments = {hours: now + timedelta(hours=hours) for hours in answers.HOURS}
    possible = [
        (hours, to_wall(due, s.zone))
        for hours, due in moments.items()
        if to_wall(due, s.zone).date() == s.today and next_allowed(due, s.zone, s.overrides.quiet) == due
    ]
    later = answers.pending_later(procedure)
    logged = at.last_log is not None and to_wall(at.last_log.happened_at, s.zone).date() == s.today
    return {
        "today": True,
        "later_at": to_wall(later, s.zone) if later else None,
        "later_choices": possible,
        "logged_today": logged,
    }


def sentences() -> dict[str, str]:
    """Return the sentences of static/js/devices.js in the reader's language, by their names there."""
    return {
        "notSecure": _("This address is not secure (https), so phones show no notes from here."),
        "apple": _(
            "On an iPhone or iPad, first add this page to the Home Screen (Share, then Add to Home Screen)."
            " Then open it from there."
        ),
        "tooOld": _("This browser cannot show notes when its page is closed. Ask somebody to update it."),
        "blocked": _(
            "Notes from this site are blocked on this phone. Allow notifications in the settings of the browser."
            " Then load this page again."
        ),
        "notAllowed": _("Nothing was changed: you did not allow notes. Press the button again to be asked again."),
        "asking": _("Asking this phone…"),
        "noAnswer": _("This phone could not be added. Check the connection, and try again."),
    }
