"""/my/sign-in/: how a patient or helper signs in, with the passkeys they added. Nobody has to have one."""

from allauth.mfa.webauthn.internal.auth import begin_registration
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from patients.access import PatientRequest, needs
from patients.forms.passkey import PasskeyForm
from patients.permissions import Permission
from patients.sign_in import passkeys, proofs
from patients.values.browser_names import device_words
from patients.values.row_numbers import row_number
from patients.values.typed_text import clean

ADDED = "Saved. Next time press “Use your phone’s lock”. A code still works too."
REMOVED = "Removed. It lets nobody in any more."
RENAMED = _("The new name is saved.")
ENOUGH = _("You have {most}. Remove one first.")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.SEE_RECOVERY)
def own_passkeys(request: PatientRequest) -> HttpResponse:
    """The list. To remove one asks who it is; a name may be changed any time."""
    if proofs.of(request).guarded:
        return redirect("mfa_index")
    if request.method == "POST":
        return _change(request)
    page = {"passkeys": [(row.pk, row.wrap().name, row) for row in passkeys.of(request.user)]}
    return render(request, "patients/sign_in/passkeys.html", page)


def _change(request: PatientRequest) -> HttpResponse:
    name = clean(request.POST.get("name", "")).strip()[: passkeys.NAME_LETTERS]
    number = row_number(request.POST.get("remove") or request.POST.get("rename") or "")
    if number is None:
        raise Http404
    if "remove" in request.POST:
        proofs.ask_again(request)
        done, words = passkeys.remove(request.user, number), REMOVED
    else:
        done, words = bool(name) and passkeys.rename(request.user, number, name), str(RENAMED)
    if done:
        messages.success(request, words)
    return redirect("patients:passkeys")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.SEE_RECOVERY)
def add_passkey(request: PatientRequest) -> HttpResponse:
    """The phone makes one and asks for its lock; after who it is was shown once more."""
    if proofs.of(request).guarded:
        return redirect("mfa_index")
    if passkeys.of(request.user).count() >= passkeys.MOST:
        messages.info(request, ENOUGH.format(most=passkeys.MOST))
        return redirect("patients:passkeys")
    proofs.ask_again(request)
    name = device_words(request.headers.get("User-Agent", ""))
    form = PasskeyForm(request.POST or None, user=request.user, initial={"name": name})
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        passkeys.add(request, request.user, chosen["name"] or name, chosen["credential"])
        messages.success(request, ADDED)
        return redirect("patients:passkeys")
    page = {"form": form, "js_data": {"creation_options": begin_registration(request.user, True)}}
    return render(request, "patients/sign_in/passkey_add.html", page, status=422 if form.is_bound else 200)
