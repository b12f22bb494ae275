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
from alerts.forms import MobileForm, VerifyForm
from alerts.messaging import contact_methods as service
from alerts.messaging.delivery_list import why
from alerts.messaging.devices import vapid_key
from alerts.models import Delivery
from alerts.models.refusals import AlertError
from alerts.views import devices
from patients.access import StaffRequest, needs
from patients.models import ContactMethod, Staff
from patients.permissions import Permission
from patients.scoping import across_clinics, rows_of
from patients.selectors.reach import sms_works

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
        words = TEST_WORDS[self.test.state]
        if self.test.state == Delivery.State.SENT and self.kind == Kind.EMAIL:
            words = "handed to the mail server; look into your mailbox"
        return f"{words}: {self.test.error}" if self.test.error else words


@require_http_methods(["GET", "POST"])
@needs(Permission.SET_OWN_CONTACTS)
def contacts(request: StaffRequest) -> HttpResponse:
    """Show the contact methods and run a button's action. An error changes nothing and keeps the typed text."""
    page: dict[str, Any] = {"mobile": MobileForm(), "verify": VerifyForm()}
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
    waiting = ContactMethod.objects.filter(user=me.user, kind=Kind.SMS, verified_at__isnull=True).first()
    page |= {"ways": ways(me), "waiting": waiting, "sms_works": sms_works(), "now": timezone.now()}
    if waiting and waiting.code_nonce:
        page["code"] = _code_sent(me.user_id, waiting.code_nonce)
        page["code_why"] = why(page["code"]) if page["code"] else ""
    page["sms_from"] = to_python(settings.SMS_FROM) if settings.SMS_FROM.startswith("+") else ""
    page |= {"devices": devices.devices_of(request), "vapid_key": vapid_key()}
    page["unreachable"] = not service.working_kinds(me.user)
    return render(request, "alerts/contacts.html", page, status=422 if request.method == "POST" else 200)


def _code_sent(user_id: int, nonce: str) -> Delivery | None:
    rows = across_clinics(Delivery, "a code for one's own address belongs to no clinic")
    return rows.filter(key=f"contact-code:{user_id}:{nonce}").first()


def ways(staff: Staff) -> list[Way]:
    """Each kind with its address, its state and its newest test. A new kind is one more entry here."""
    rows = list(ContactMethod.objects.filter(user=staff.user, verified_at__isnull=False))
    email = next((row for row in rows if row.kind == Kind.EMAIL and row.address == staff.user.email), None)
    mobile = next((row for row in rows if row.kind == Kind.SMS), None)
    return [
        Way(Kind.EMAIL, "E-mail", staff.user.email, email, _last_test(staff, Kind.EMAIL)),
        Way(Kind.SMS, "Text messages", mobile.address if mobile else "", mobile, _last_test(staff, Kind.SMS)),
    ]


def _last_test(staff: Staff, kind: str) -> Delivery | None:
    tests = rows_of(Delivery, clinic=staff.clinic_id).filter(key__startswith=f"contact-test:{staff.pk}:{kind}:")
    return tests.order_by("-created_at").first()


# --- The actions of the buttons: each returns words for what it did, or None when the page must show an error ---


def _add(request: StaffRequest, page: dict[str, Any]) -> str | None:
    page["mobile"] = form = MobileForm(request.POST)
    if not form.is_valid():
        return None
    try:
        service.add_mobile(staff=request.staff, number=form.cleaned_data["number"].as_e164, now=db_now())
    except AlertError as error:
        form.add_error("number", error.text)
        return None
    return "A code is on its way to your phone. Type it below."


def _again(request: StaffRequest, page: dict[str, Any]) -> str | None:
    method = _waiting(request)
    if method is None:
        return "There is nothing to verify."
    try:
        service.send_code(staff=request.staff, method=method, now=db_now())
    except AlertError as error:
        page["verify"] = _refused(VerifyForm(request.POST), "code", error.text)
        return None
    return "A new code is on its way. The one before does not count any more."


def _verify(request: StaffRequest, page: dict[str, Any]) -> str | None:
    method = _waiting(request)
    if method is None:
        return "There is nothing to verify."
    page["verify"] = form = VerifyForm(request.POST)
    if not form.is_valid():
        return None
    try:
        service.prove(staff=request.staff, method=method, code=form.cleaned_data["code"], now=db_now())
    except AlertError as error:
        form.add_error("code", error.text)
        return None
    return "Your mobile is verified. You are told by text message from now on, where the plan says so."


def _forget(request: StaffRequest, page: dict[str, Any]) -> str | None:
    service.forget(staff=request.staff)
    return "The number is forgotten."


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
    "add": _add,
    "again": _again,
    "verify": _verify,
    "forget": _forget,
    "test": _test,
    "on": _switch,
    "off": _switch,
    "device_add": devices.add,
    "device_test": devices.test,
    "device_remove": devices.remove,
}


def _kind(request: StaffRequest) -> str:
    kind = request.POST.get("kind", "")
    return kind if kind in (Kind.EMAIL, Kind.SMS) else Kind.EMAIL


def _waiting(request: StaffRequest) -> ContactMethod | None:
    return ContactMethod.objects.filter(user=request.user, kind=Kind.SMS, verified_at__isnull=True).first()


def _refused(form: VerifyForm, field: str, text: str) -> VerifyForm:
    form.full_clean()
    form.errors.clear()
    form.add_error(field, text)
    return form
