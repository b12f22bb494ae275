"""The numbers of a person for texts and for calls: add one, prove it with its code, forget it.

Each action returns words for what it did, or None when the page must show an error.
"""

from dataclasses import dataclass
from typing import Any

from alerts.clock import db_now
from alerts.forms import MobileForm, PhoneForm, VerifyForm
from alerts.messaging import contact_methods as service
from alerts.messaging.delivery_list import why
from alerts.models import Delivery
from alerts.models.refusals import AlertError
from patients.access import StaffRequest
from patients.models import ContactMethod, Staff
from patients.scoping import across_clinics
from patients.selectors.reach import calls_work, sms_works

Kind = ContactMethod.Kind
KINDS: tuple[str, ...] = (Kind.SMS, Kind.CALL)
NOTHING = "There is nothing to verify."
ON_ITS_WAY = {
    Kind.SMS: "A code is on its way to your phone. Type it below.",
    Kind.CALL: "We are calling that phone. Press 1 to hear the code, and type it below.",
}
ANEW = {
    Kind.SMS: "A new code is on its way. The one before does not count any more.",
    Kind.CALL: "We are calling that phone with a new code. The one before does not count any more.",
}
VERIFIED = {
    Kind.SMS: "Your mobile is verified. You are told by text message from now on, where the plan says so.",
    Kind.CALL: "Your phone is verified. You are called from now on, where the plan says so.",
}


@dataclass(frozen=True)
class Number:
    """The number of one kind that waits for its code, with the message that carries it, and the two forms."""

    works: bool
    waiting: ContactMethod | None
    code: Delivery | None
    code_why: str
    form: MobileForm
    verify: VerifyForm


def of(staff: Staff, kind: str, page: dict[str, Any]) -> Number:
    """The number of one kind on the page. page: may hold forms with errors, by kind."""
    waiting = _waiting(staff, kind)
    code = _code_sent(staff.user_id, waiting.code_nonce) if waiting and waiting.code_nonce else None
    works = sms_works() if kind == Kind.SMS else calls_work()
    form = page.get(f"add {kind}") or _form(kind)
    verify = page.get(f"verify {kind}") or VerifyForm(prefix=_prefix(kind))
    return Number(works, waiting, code, why(code) if code else "", form, verify)


def add(request: StaffRequest, page: dict[str, Any]) -> str | None:
    """Add the typed number, and send or say its code there."""
    kind = _kind(request)
    page[f"add {kind}"] = form = _form(kind, request.POST)
    if not form.is_valid():
        return None
    try:
        number = form.cleaned_data["number"].as_e164
        service.add_number(staff=request.staff, kind=kind, number=number, now=db_now())
    except AlertError as error:
        form.add_error("number", error.text)
        return None
    return ON_ITS_WAY[Kind(kind)]


def again(request: StaffRequest, page: dict[str, Any]) -> str | None:
    """Send or say a new code."""
    kind = _kind(request)
    method = _waiting(request.staff, kind)
    if method is None:
        return NOTHING
    try:
        service.send_code(staff=request.staff, method=method, now=db_now())
    except AlertError as error:
        page[f"verify {kind}"] = _refused(VerifyForm(request.POST, prefix=_prefix(kind)), error.text)
        return None
    return ANEW[Kind(kind)]


def verify(request: StaffRequest, page: dict[str, Any]) -> str | None:
    """Check the typed code; the number counts from then on."""
    kind = _kind(request)
    method = _waiting(request.staff, kind)
    if method is None:
        return NOTHING
    page[f"verify {kind}"] = form = VerifyForm(request.POST, prefix=_prefix(kind))
    if not form.is_valid():
        return None
    try:
        service.prove(staff=request.staff, method=method, code=form.cleaned_data["code"], now=db_now())
    except AlertError as error:
        form.add_error("code", error.text)
        return None
    return VERIFIED[Kind(kind)]


def forget(request: StaffRequest, page: dict[str, Any]) -> str | None:
    """Forget the number that waits."""
    service.forget(staff=request.staff, kind=_kind(request))
    return "The number is forgotten."


def _kind(request: StaffRequest) -> str:
    kind = request.POST.get("kind", "")
    return kind if kind in KINDS else Kind.SMS


def _prefix(kind: str) -> str | None:
    """What tells the fields of calls from those of texts on the same page."""
    return kind if kind == Kind.CALL else None


def _form(kind: str, data: Any = None) -> MobileForm:
    return (PhoneForm if kind == Kind.CALL else MobileForm)(data, prefix=_prefix(kind))


def _waiting(staff: Staff, kind: str) -> ContactMethod | None:
    return ContactMethod.objects.filter(user=staff.user, kind=kind, verified_at__isnull=True).first()


def _code_sent(user_id: int, nonce: str) -> Delivery | None:
    rows = across_clinics(Delivery, "a code for one's own address belongs to no clinic")
    return rows.filter(key=f"contact-code:{user_id}:{nonce}").first()


def _refused(form: VerifyForm, text: str) -> VerifyForm:
    form.full_clean()
    form.errors.clear()
    form.add_error("code", text)
    return form
