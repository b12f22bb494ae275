"""The language of each request: the person's own, or what their browser chose or asks for before they sign in."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from patients.models import User
from patients.services.languages import keep_language
from patients.sign_in import proofs
from patients.values.languages import ENGLISH

Next = Callable[[HttpRequest], HttpResponse]


class LanguageMiddleware:
    """Activates the language of whoever reads. Staff read English.

    The first choice a browser made before sign-in becomes the person's own, so that messages follow it too.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with translation.override(_language(request)):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or ENGLISH)
        if not request.user.is_authenticated:
            patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response


def _language(request: HttpRequest) -> str:
    user = request.user
    if not isinstance(user, User):
        return translation.get_language_from_request(request)
    if proofs.of(request).guarded:
        return ENGLISH
    if not user.language and (chosen := translation.get_language_from_request(request)) != ENGLISH:
        keep_language(user, chosen)
    return user.language or ENGLISH
