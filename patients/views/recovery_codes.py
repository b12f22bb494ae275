"""/accounts/2fa/recovery-codes/ shows how many codes are left; new codes are shown only once, when made."""

from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from patients.models import User
from patients.scoping import rows_of
from patients.sign_in.recovery_codes import COUNT, codes_left, make_codes

FIRST = "Set up a passkey or an authenticator app first: recovery codes help when you lose it."


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required(app="allauth.mfa")
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Show how many codes are left; POST makes new ones. Needs a recent proof of the password or a factor."""
    user = request.user
    assert isinstance(user, User)
    if request.method == "POST":
        return _made(request, user)
    return render(request, "mfa/recovery_codes/index.html", {"left": codes_left(user), "count": COUNT})


def _made(request: HttpRequest, user: User) -> HttpResponse:
    factors = rows_of(Authenticator, user=user).exclude(type=Authenticator.Type.RECOVERY_CODES)
    if not factors.exists():
        messages.error(request, FIRST)
        return redirect("mfa_index")
    codes = make_codes(user)
    get_adapter(request).send_notification_mail("mfa/email/recovery_codes_generated", user)
    return render(request, "mfa/recovery_codes/made.html", {"codes": codes, "file": "\r\n".join(codes) + "\r\n"})
