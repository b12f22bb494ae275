"""/desk/me/contacts/: a person's own contact methods, whether they work, and a test for each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from phonenumber_field.phonenumber import to_python

from alerts.clock import db_now
from alerts.messaging import contact_methods as service
from alerts.messaging.devices import vapid_key
from alerts.models import Delivery
from alerts.views import contact_numbers as numbers
from alerts.views import devices
from patients.access import StaffRequest, needs
from patients.models import ContactMethod, Staff
from patients.permissions import Permission
from patients.scoping import rows_of

Kind = ContactMethod.Kind
# The state of a test in plain words. Only "delivered" means that it was received.
TEST_WORDS = {
    "pending": "waiting to be sent",
    "claimed": "being sent",
    "sent": "handed to the provider; no word yet that it arrived",
    "delivered": "delivered",
    "dead": "failed",
    "cancelled": "not sent",
}


@dataclass(frozen=True)
class Way:
    """One kind of contact method on the page, with its address and its last test."""

    kind: str
    title: str
    address: str
    row: ContactMethod | None
    test: Delivery | None
    # Only for texts and calls: the number that waits for its code, and the forms to add and to prove one.
    number: numbers.Number | None = None

    @property
    def is_on(self) -> bool:
        """May messages go there? Yes, too, for a sign-in e-mail without a row."""
        return bool(self.address) and (self.row is None or self.row.is_usable)

    @property
    def problem(self) -> str:
        """The state of the contact method in plain words; empty without a row."""
        return self.row.state_words if self.row else ""

    @property
    def test_words(self) -> str:
        """The result of the last test in plain words; empty without a test."""
        if self.test is None:
            return ""
        if self.test.call_end:
            return f"{self.test.get_call_end_display()}"
        words = TEST_WORDS[self.test.state]
        if self.test.state == Delivery.State.SENT and self.kind == Kind.EMAIL:
            words = "handed to the mail server; look into your mailbox"
        return f"{words}: {self.test.error}" if self.test.error else words


@require_http_methods(["GET", "POST"])
@needs(Permission.SET_OWN_CONTACTS)
def contacts(request: StaffRequest) -> HttpResponse:
    """Show the contact methods and run a button's action. An error changes nothing and keeps the typed text."""
    page: dict[str, Any] = {}
    if request.method == "POST":
        action = ACTIONS.get(request.POST.get("action", ""))
        if action is None:
            messages.error(request, "That is not possible. Look at the page and try again.")
            return redirect("alerts:contacts")
        done = action(request, page)
        if done:
            messages.success(request, done)
            return redirect("alerts:contacts")
    me = request.staff
    page |= {"ways": ways(me, page), "now": timezone.now()}
    page["sms_from"] = to_python(settings.SMS_FROM) if settings.SMS_FROM.startswith("+") else ""
    page |= {"devices": devices.devices_of(request), "vapid_key": vapid_key()}
    page["unreachable"] = not service.working_kinds(me.user)
    return render(request, "alerts/contacts.html", page, status=422 if request.method == "POST" else 200)


def ways(staff: Staff, page: dict[str, Any]) -> list[Way]:
    """Each kind with its address, its state and its newest test. A new kind is one more entry here."""
    rows = list(ContactMethod.objects.filter(user=staff.user, verified_at__isnull=False))
    email = next((row for row in rows if row.kind == Kind.EMAIL and row.address == staff.user.email), None)
    found = [Way(Kind.EMAIL, "E-mail", staff.user.email, email, _last_test(staff, Kind.EMAIL))]
    for kind in numbers.KINDS:
        row = next((row for row in rows if row.kind == kind), None)
        address, number = row.address if row else "", numbers.of(staff, kind, page)
        found.append(Way(kind, Kind(kind).label, address, row, _last_test(staff, kind), number))
    return found


def _last_test(staff: Staff, kind: str) -> Delivery | None:
    tests = rows_of(Delivery, clinic=staff.clinic_id).filter(key__startswith=f"contact-test:{staff.pk}:{kind}:")
    return tests.order_by("-created_at").first()


# --- The actions of the buttons: each returns words for what it did, or None when the page must show an error ---


def _test(request: StaffRequest, page: dict[str, Any]) -> str | None:
    kind = _kind(request)
    now = db_now()
    row = service.send_test(staff=request.staff, kind=kind, now=now)
    return service.TEST_AGAIN if row.created_at < now else "A test is on its way. Look again in a moment."


def _switch(request: StaffRequest, page: dict[str, Any]) -> str | None:
    kind, on = _kind(request), request.POST["action"] == "on"
    try:
        service.switch(staff=request.staff, kind=kind, on=on, sure="sure" in request.POST, now=db_now())
    except service.LastWay as error:
        page["last_way"], page["last_kind"] = error.text, kind
        return None
    return f"{Kind(kind).label}: turned {'on' if on else 'off'}."


ACTIONS: dict[str, Callable[[StaffRequest, dict[str, Any]], str | None]] = {
    "add": numbers.add,
    "again": numbers.again,
    "verify": numbers.verify,
    "forget": numbers.forget,
    "test": _test,
    "on": _switch,
    "off": _switch,
    "device_add": devices.add,
    "device_test": devices.test,
    "device_remove": devices.remove,
}


def _kind(request: StaffRequest) -> str:
    kind = request.POST.get("kind", "")
    return kind if kind in (Kind.EMAIL, *numbers.KINDS) else Kind.EMAIL
