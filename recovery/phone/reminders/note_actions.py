"""What each button of /my/reminders/ does. Each returns the words to show; "" when the page must show an error."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from alerts.clock import db_now
from alerts.messaging import devices
from alerts.messaging.outbox import enqueue
from alerts.models.refusals import AlertError
from patients.access import PatientRequest, helped, who_acts
from patients.models import Patient
from patients.permissions import Permission, may
from patients.selectors.reach import PUSH
from patients.services.note_wishes import wish_hours, wish_ways
from patients.templatetags.kypho import clock
from patients.values.row_numbers import row_number
from recovery.care_plan import answers
from recovery.journey import stays
from recovery.phone.reminders.note_page import TEST, TEST_WITHIN

Page = dict[str, Any]


def _ways(request: PatientRequest, page: Page) -> str:
    form = page["ways"]
    if not form.is_valid():
        return ""
    wish_ways(person=who_acts(request), actor=request.user, ways=form.cleaned_data["ways"], now=db_now())
    return _("Saved. Notes come this way from now on.")


def _hours(request: PatientRequest, page: Page) -> str:
    form = page["hours"]
    if form is None or not form.is_valid():
        return ""
    wish_hours(patient=request.patient, actor=request.user, hours=form.cleaned_data["log_hours"], now=db_now())
    return _("Saved. We remind you at these times.")


def _later(request: PatientRequest, page: Page) -> str:
    """Remind later; the patient's own wish, so a helper cannot."""
    hours = row_number(request.POST.get("hours", "")) or 0
    now = db_now()
    due = (
        None
        if request.helper
        else answers.later(patient=request.patient, actor=request.user, hours=hours, now=now)
    )
    if due is None:
        page["problem"] = _("That is too late for today. We ask you again tomorrow. You can log at any time.")
        return ""
    return _("We remind you again at {time}.").format(time=clock(due))


def _done(request: PatientRequest, page: Page) -> str:
    if request.helper or not answers.already_did(patient=request.patient, actor=request.user, now=db_now()):
        return ""
    return _("Good. No more reminders to log today. If anything changes, log again.")


def _hospital(request: PatientRequest, page: Page) -> str:
    if not may(who_acts(request), Permission.LOG):
        return ""
    stays.say_began(patient=request.patient, actor=request.user, now=db_now())
    if name := helped(request):
        words = _("The clinic knows. Reminders stop until {name} is home. Tell the staff there about any worry.")
        return words.format(name=name)
    return _("Your clinic knows. Reminders stop until you are home. Tell the staff there what worries you.")


def _home(request: PatientRequest, page: Page) -> str:
    if not may(who_acts(request), Permission.LOG):
        return ""
    stays.say_ended(patient=request.patient, actor=request.user, now=db_now())
    return _("Welcome home. We remind you again from now on.")


def _device_add(request: PatientRequest, page: Page) -> str:
    posted = {name: request.POST.get(name, "") for name in ("endpoint", "p256dh", "auth", "label")}
    label = "".join(letter for letter in posted.pop("label") if letter.isprintable())
    try:
        devices.add_device(user=request.user, given=devices.Subscription(**posted, label=label), now=db_now())
    except AlertError as error:
        page["problem"] = error.text
        return ""
    person = who_acts(request)
    wish_ways(person=person, actor=request.user, ways=[*person.note_ways, PUSH], now=db_now())
    return _("Notes come to this phone from now on. Send yourself a test.")


def _device_remove(request: PatientRequest, page: Page) -> str:
    devices.drop_device(user=request.user, pk=row_number(request.POST.get("device", "")) or 0)
    return _("This phone gets no more notes.")


def _device_test(request: PatientRequest, page: Page) -> str:
    pk, now = row_number(request.POST.get("device", "")) or 0, db_now()
    if pk not in {row.pk for row in page["devices"]}:
        return ""
    person = who_acts(request)
    kind = "patient" if isinstance(person, Patient) else "caregiver"
    enqueue(
        key=f"phone-test:{kind}:{person.pk}:{pk}:{now:%Y%m%dT%H%M}",
        channel=PUSH,
        recipient=f"{kind}:{person.pk}:{pk}",
        message=TEST,
        urgency=1,
        now=now,
        send_by=now + TEST_WITHIN,
    )
    minutes = int(TEST_WITHIN.total_seconds() // 60)
    words = ngettext("A test comes in {count} minute.", "A test comes in {count} minutes.", minutes)
    return words.format(count=minutes)


ACTIONS: dict[str, Callable[[PatientRequest, Page], str]] = {
    "ways": _ways,
    "hours": _hours,
    "later": _later,
    "done": _done,
    "hospital": _hospital,
    "home": _home,
    "device_add": _device_add,
    "device_remove": _device_remove,
    "device_test": _device_test,
}
