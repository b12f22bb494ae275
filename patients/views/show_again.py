"""/my/show-again/: patients and helpers prove again who they are before they change how they sign in.

They choose a passkey or a code, because a text to a lost phone would reach its finder. Afterwards the press that
led here is done.
"""

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import resume_request
from allauth.account.utils import get_next_redirect_url
from allauth.mfa.webauthn.internal.auth import begin_authentication
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from patients import scoping
from patients.access import acting_for
from patients.forms.passkey import NOT_KNOWN, PasskeyAgain
from patients.forms.sign_in import CodeForm
from patients.models import User
from patients.selectors.addresses import Address, addresses_of
from patients.sign_in import limits, passkeys, proofs
from patients.sign_in.codes import AgainProcess
from patients.trail import What, note

SLOW_DOWN = _("Too many tries. Wait a few minutes, then start again.")
TOO_OLD = _("That code is too old. Ask for a new one.")


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
def show_again(request: HttpRequest) -> HttpResponse:
    """Let the person choose where the code goes. Staff are sent to their own page."""
    if proofs.of(request).guarded:
        return redirect(_at(request, "account_reauthenticate"))
    if request.method != "POST":
        return _choose(request)
    if "credential" in request.POST:
        return _passkey(request)
    way = _ways(request).get(request.POST.get("way", ""))
    if way is None:
        return _choose(request, 422)
    if not limits.may_have_code(request, str(way)):
        note(What.REFUSED, request, user=_user(request), detail="too many codes")
        messages.error(request, SLOW_DOWN)
        return _choose(request, 429)
    AgainProcess.start(request, way)
    return redirect(_at(request, "patients:show_again_code"))


def _choose(request: HttpRequest, status: int = 200) -> HttpResponse:
    user = _user(request)
    asked = {"request_options": begin_authentication(user)} if passkeys.of(user).exists() else None
    return _page(request, "show_again", {"ways": _ways(request), "js_data": asked}, status)


def _passkey(request: HttpRequest) -> HttpResponse:
    form = PasskeyAgain(request.POST, user=_user(request))  # type: ignore[call-arg]
    if not form.is_valid():
        messages.error(request, NOT_KNOWN)
        return _choose(request, 422)
    form.save()
    return resume_request(request) or redirect("home")


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
def show_code(request: HttpRequest) -> HttpResponse:
    """Ask for the code; after a few wrong tries the person must ask for a new one."""
    process = AgainProcess.waiting(request)
    if process is None:
        if request.method == "POST":
            messages.error(request, TOO_OLD)
        return redirect(_at(request, "patients:show_again"))
    wrong = get_adapter().error_messages["incorrect_code"]
    form = CodeForm(request.POST or None, expected=process.code, wrong=wrong)
    if request.method != "POST":
        return _type_it(request, process, form)
    guess = limits.guess(request, str(process.address), "code")
    if guess is None:
        note(What.REFUSED, request, user=_user(request), detail="too many tries: code")
        form = CodeForm(request.POST, expected="", wrong=wrong)
        form.add_error("code", SLOW_DOWN)
        return _type_it(request, process, form, 429)
    if form.is_valid():
        guess.was_right()
        process.finish()
        return resume_request(request) or redirect("home")
    if not form.has_error("code", "wrong"):
        guess.was_right()
        return _type_it(request, process, form, 422)
    note(What.FAILED, request, user=_user(request), detail="wrong code")
    if process.record_invalid_attempt():
        return _type_it(request, process, form, 422)
    messages.error(request, SLOW_DOWN)
    return redirect(_at(request, "patients:show_again"))


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _ways(request: HttpRequest) -> dict[str, Address]:
    user = _user(request)
    own = scoping.for_user(user, timezone.now()).filter(user=user)
    return {"phone" if one.phone else "email": one for one in addresses_of(user, own)}


def _type_it(request: HttpRequest, process: AgainProcess, form: CodeForm, status: int = 200) -> HttpResponse:
    return _page(request, "show_code", {"form": form, "address": process.address}, status)


def _page(request: HttpRequest, name: str, page: dict[str, object], status: int = 200) -> HttpResponse:
    patient, _ = acting_for(request)
    page |= {"clinic": patient and patient.clinic, "next": get_next_redirect_url(request) or ""}
    return render(request, f"patients/sign_in/{name}.html", page, status=status)


def _at(request: HttpRequest, name: str) -> str:
    """Return the address of a page, with the address to go on to afterwards."""
    onward = get_next_redirect_url(request)
    return f"{reverse(name)}?{urlencode({'next': onward})}" if onward else reverse(name)
