"""The pages to ask for a sign-in code, type it and resend it. Unknown addresses get the same answers as known."""

from allauth.account.adapter import get_adapter
from allauth.account.utils import get_next_redirect_url
from allauth.account.views import login as sign_in_page
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from patients.forms.sign_in import AddressForm, CodeForm
from patients.models import User
from patients.selectors.addresses import user_at
from patients.selectors.reach import sms_works
from patients.sign_in import limits, proofs
from patients.sign_in.codes import CodeProcess
from patients.sign_in.equal_time import evened
from patients.sign_in.phone_secrets import first_name
from patients.trail import What, note

SLOW_DOWN = _("Too many tries. Wait a few minutes, then start again.")
NO_SMS = _("We cannot send text messages here. Enter your e-mail instead.")
TOO_OLD = _("That code is too old. Ask for a new one.")


@never_cache
def login(request: HttpRequest) -> HttpResponseBase:
    """Show the sign-in page; if a patient or helper is signed in, offer to let another person sign in."""
    user = request.user
    if request.method == "POST" or not isinstance(user, User) or proofs.of(request).guarded:
        return sign_in_page(request)
    page = {"name": first_name(user), "onward": get_next_redirect_url(request) or reverse("home")}
    return render(request, "patients/sign_in/switch.html", page)


@never_cache
@evened
def send_code(request: HttpRequest) -> HttpResponse:
    """Show the address form; POST, from any page with this form, sends a code."""
    if request.user.is_authenticated:
        # They signed in in another tab meanwhile, and a code is of no use to a signed-in person.
        return redirect(_with_next(request, "account_login"))
    form = AddressForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _ask(request, form)
    address = form.cleaned_data["address"]
    if address.phone and not sms_works():
        form.add_error("address", NO_SMS)
        return _ask(request, form)
    user = user_at(address)
    if not limits.may_have_code(request, str(address)):
        note(What.REFUSED, request, user=user, detail="too many codes")
        form.add_error("address", SLOW_DOWN)
        return _ask(request, form, status=429)
    CodeProcess.start(request, address, user)
    return redirect(_with_next(request, "patients:enter_code"))


def _ask(request: HttpRequest, form: AddressForm, status: int = 0) -> HttpResponse:
    status = status or (422 if form.is_bound else 200)
    page = {"form": form, "next": get_next_redirect_url(request) or ""}
    return render(request, "patients/sign_in/send_code.html", page, status=status)


@never_cache
def enter_code(request: HttpRequest) -> HttpResponse:
    """Ask for the six digits; after a few wrong tries the person must start again."""
    process = CodeProcess.waiting(request)
    if request.user.is_authenticated:
        return redirect(_with_next(request, "account_login") if process else "home")
    if process is None:
        if request.method == "POST":
            messages.error(request, TOO_OLD)
        return redirect("account_login")
    wrong = get_adapter().error_messages["incorrect_code"]
    form = CodeForm(request.POST or None, expected=process.code, wrong=wrong)
    if request.method != "POST":
        return _type_it(request, process, form)
    guess = limits.guess(request, str(process.address), "code", process.holder)
    if guess is None:
        note(What.REFUSED, request, user=process.user, detail="too many tries: code")
        form = CodeForm(request.POST, expected="", wrong=wrong)
        form.add_error("code", SLOW_DOWN)
        return _type_it(request, process, form, 429)
    if form.is_valid():
        guess.was_right()
        return process.finish(get_next_redirect_url(request))
    if not form.has_error("code", "wrong"):
        guess.was_right()
    elif not _again(request, process):
        messages.error(request, SLOW_DOWN)
        return redirect("account_login")
    return _type_it(request, process, form, 422)


def _again(request: HttpRequest, process: CodeProcess) -> bool:
    """Note a wrong code in the trail; returns whether another try is left."""
    note(What.FAILED, request, user=process.user, detail="wrong code")
    return bool(process.record_invalid_attempt())


def _type_it(request: HttpRequest, process: CodeProcess, form: CodeForm, status: int = 200) -> HttpResponse:
    page = {"form": form, "process": process, "next": get_next_redirect_url(request) or ""}
    return render(request, "patients/sign_in/enter_code.html", page, status=status)


@require_POST
@evened
def send_again(request: HttpRequest) -> HttpResponse:
    """Send another code to the same address, a few times at most."""
    process = CodeProcess.waiting(request)
    if process is None:
        messages.error(request, TOO_OLD)
        return redirect("account_login")
    allowed = limits.may_have_code(request, str(process.address), holder=process.holder)
    if allowed and process.can_resend:
        process.resend()
        messages.success(request, _("A new code is on its way. Only the newest one works."))
    else:
        messages.error(request, SLOW_DOWN)
    return redirect(_with_next(request, "patients:enter_code"))


@require_GET
@never_cache
def start_again(request: HttpRequest) -> HttpResponse:
    """Forget the code and ask for an address again."""
    process = CodeProcess.waiting(request)
    if process is not None:
        process.abort()
    return redirect("account_login")


def _with_next(request: HttpRequest, name: str) -> str:
    """Return the address of a page, with the address the person wanted to go to."""
    onward = get_next_redirect_url(request)
    return f"{reverse(name)}?{urlencode({'next': onward})}" if onward else reverse(name)
