"""The devices on /desk/me/contacts/, and the service worker that shows push notes in a browser."""

from typing import Any

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from alerts.clock import db_now
from alerts.messaging import devices as service
from alerts.messaging.contact_methods import TEST_AGAIN, LastWay
from alerts.models import Delivery
from alerts.models.refusals import AlertError
from patients.access import StaffRequest
from patients.models import ContactMethod
from patients.scoping import rows_of
from patients.values.row_numbers import row_number

# The state of a test in plain words. A push service never reports whether the browser showed a note.
TEST_WORDS = {
    "pending": "waiting to be sent",
    "claimed": "being sent",
    "sent": "handed to the browser’s push service; look at that device",
    "delivered": "delivered",
    "dead": "failed",
    "cancelled": "not sent",
}
SOURCE = "js/push_sw.js"


@require_safe
def push_worker(request: HttpRequest) -> HttpResponse:
    """GET /desk/push-sw.js: the worker shows notes and opens their page. It stores nothing and sees no request."""
    if staticfiles_storage.exists(SOURCE):
        with staticfiles_storage.open(SOURCE) as file:
            content = bytes(file.read())
    else:
        with open(str(finders.find(SOURCE)), "rb") as plain:
            content = plain.read()
    response = HttpResponse(content, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


def devices_of(request: StaffRequest) -> list[dict[str, Any]]:
    """This person's devices, newest first, each with the result of its last test."""
    rows = list(
        ContactMethod.objects.filter(user=request.user, kind=ContactMethod.Kind.PUSH).order_by("-verified_at")
    )
    tests = rows_of(Delivery, clinic=request.staff.clinic_id)
    tests = tests.filter(key__startswith=f"contact-test:{request.staff.pk}:push:")
    newest = {row.recipient: row for row in tests.order_by("created_at")}
    found = []
    for row in rows:
        test = newest.get(f"staff:{request.staff.pk}:{row.pk}")
        words = TEST_WORDS[test.state] + (f": {test.error}" if test.error else "") if test else ""
        found.append({"row": row, "test": test, "test_words": words})
    return found


# --- The actions of the buttons: each returns words for what it did, or None when the page must show an error ---


def add(request: StaffRequest, page: dict[str, Any]) -> str | None:
    """Add this browser as a device."""
    posted = {name: request.POST.get(name, "") for name in ("endpoint", "p256dh", "auth", "label")}
    label = "".join(letter for letter in posted.pop("label") if letter.isprintable())
    try:
        given = service.Subscription(**posted, label=label)
        row = service.add_device(user=request.user, given=given, now=db_now())
    except AlertError as error:
        page["device_error"] = error.text
        return None
    return f"{row.label} shows your alerts from now on, also when this page is closed. Send yourself a test."


def test(request: StaffRequest, page: dict[str, Any]) -> str | None:
    """Send a test to one device."""
    now = db_now()
    try:
        row = service.send_test(staff=request.staff, pk=_pk(request), now=now)
    except AlertError as error:
        page["device_error"] = error.text
        return None
    return TEST_AGAIN if row.created_at < now else "A test is on its way to this device."


def remove(request: StaffRequest, page: dict[str, Any]) -> str | None:
    """Remove one device."""
    pk = _pk(request)
    try:
        label = service.remove_device(staff=request.staff, pk=pk, sure="sure" in request.POST, now=db_now())
    except LastWay as error:
        page["last_way"], page["last_device"] = error.text, pk
        return None
    except AlertError as error:
        page["device_error"] = error.text
        return None
    return f"{label} is removed."


def _pk(request: StaffRequest) -> int:
    return row_number(request.POST.get("device", "")) or 0
