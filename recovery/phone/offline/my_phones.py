"""GET and POST /my/phones/: the phones that may send a person's urgent logs without a sign-in."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from alerts.clock import db_now, shown_now
from patients.access import PatientRequest, needs
from patients.permissions import Permission
from patients.services.sessions import sign_ins
from patients.sign_in import proofs
from recovery.forms.log_json import as_uuid
from recovery.logs import phone_keys

ENDED = "Ended: that phone sends nothing any more until you sign in there again."


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.SEE_RECOVERY)
def my_phones(request: PatientRequest) -> HttpResponse:
    """List the signed-in person's phones, and end one on POST; a helper sees only their own."""
    if request.method == "POST":
        # A phone that is signed out ends its own key (static/js/identity.js): a question for a code would leave
        # the key alive on a phone that changes hands. All that this allows is to end keys of one's own.
        if "leaving" not in request.POST:
            proofs.ask_again(request)
        now = db_now()
        code = as_uuid(request.POST.get("key"))
        if code is None or phone_keys.end(phone_keys.of_user(request.user, now), code, request.user, now) is None:
            raise Http404
        messages.success(request, ENDED)
        return redirect("recovery:my_phones")
    page = {
        "keys": phone_keys.of_user(request.user, shown_now()),
        "sign_ins": sign_ins(request.user, request),
        "zone": request.patient.timezone,
    }
    return render(request, "recovery/phone/my_phones.html", page)
