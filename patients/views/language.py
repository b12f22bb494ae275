"""POST /language/: the language in which this browser, and whoever is signed in, reads."""

from allauth.account.utils import get_next_redirect_url
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from patients.models import User
from patients.services.languages import keep_language
from patients.sign_in import proofs
from patients.values.languages import COOKIE_SECONDS, known


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Keep the choice in a cookie, and as their own for a signed-in patient or helper; go back to the page."""
    chosen = known(request.POST.get("language", ""))
    if not chosen:
        raise Http404
    if isinstance(request.user, User) and not proofs.of(request).guarded:
        keep_language(request.user, chosen)
    response = redirect(get_next_redirect_url(request) or "home")
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        chosen,
        max_age=COOKIE_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response
