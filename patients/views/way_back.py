"""/desk/way-back/: for staff who lost their second factor, one colleague asks and another one confirms."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from patients.access import StaffRequest, needs
from patients.clock import db_now
from patients.forms.rescue import AskForm, SecondForm
from patients.models import FactorRescue
from patients.permissions import Permission, may
from patients.services import rescue
from patients.services.errors import NotPossible
from patients.sign_in.changes import tell

SAY_HOW = "Say how you made sure yourself that it is them, then press again."
DONE = "{name} signs in with their password now, and sets up a new second factor. They were told by e-mail."
NEXT = "Now another manager or a physician opens this page and confirms it for {name}, within a day."


@require_http_methods(["GET", "POST"])
@needs(Permission.CONFIRM_FACTOR_RESET)
@never_cache
def way_back(request: StaffRequest) -> HttpResponse:
    """Let a manager ask, a second manager or a physician confirm, and either of them take it back."""
    if "number" in request.POST:
        _second(request)
        return redirect("patients:way_back")
    form = AskForm(request.POST or None, me=request.staff)
    may_ask = may(request.staff, Permission.ASK_FACTOR_RESET)
    if may_ask and form.is_valid() and _asked(request, form):
        return redirect("patients:way_back")
    page = {
        "form": form if may_ask else None,
        "waiting": rescue.waiting(request.staff.clinic_id, db_now()),
        "ways": FactorRescue.Sure.choices,
        "zone": request.staff.clinic.timezone,
    }
    return render(request, "patients/way_back.html", page, status=422 if request.method == "POST" else 200)


def _asked(request: StaffRequest, form: AskForm) -> bool:
    person, sure = form.cleaned_data["person"], form.cleaned_data["sure"]
    try:
        rescue.ask(manager=request.staff, person=person, sure=sure, now=db_now(), request=request)
    except NotPossible as error:
        form.add_error("person", error.text)
        return False
    messages.success(request, NEXT.format(name=person.name))
    return True


def _second(request: StaffRequest) -> None:
    """Confirm the request or take it back."""
    takes_back = "take_back" in request.POST
    form = SecondForm({**request.POST.dict(), **({"sure": "called"} if takes_back else {})})
    if not form.is_valid():
        messages.error(request, SAY_HOW if "sure" in form.errors else rescue.GONE)
        return
    number = form.cleaned_data["number"]
    try:
        if takes_back:
            rescue.take_back(colleague=request.staff, number=number, now=db_now(), request=request)
            messages.success(request, "It was taken back.")
            return
        sure = form.cleaned_data["sure"]
        asked = rescue.confirm(colleague=request.staff, number=number, sure=sure, now=db_now(), request=request)
    except NotPossible as error:
        messages.error(request, error.text)
        return
    tell(asked.person.user, "every second factor was removed by two of your colleagues, because it was lost")
    messages.success(request, DONE.format(name=asked.person.name))
