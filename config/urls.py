"""All addresses of the site."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path, re_path
from django.views.generic import TemplateView

from config.health import health
from config.metrics import metrics
from config.views import home
from patients.views.recovery_codes import recovery_codes
from patients.views.sign_in import login
from patients.views.sign_ins import sign_ins


def closed(request: HttpRequest) -> HttpResponse:
    """Answer 404 for a page of the sign-in library that we do not offer."""
    raise Http404


# The clinic keeps the addresses and phone numbers of patients and helpers, there is no sign-up, and our own page
# sends codes, because it counts them.
CLOSED = r"^accounts/(?:signup|email|confirm-email|phone|password/set|login/code)(?:/|$)"

urlpatterns = [
    path("", home, name="home"),
    path("nobody-yet/", TemplateView.as_view(template_name="no_access.html"), name="no_access"),
    path("health/", health, name="health"),
    path("metrics", metrics, name="metrics"),
    re_path(CLOSED, closed),
    path("accounts/login/", login, name="account_login"),
    path("accounts/sessions/", sign_ins, name="usersessions_list"),
    path("accounts/2fa/recovery-codes/", recovery_codes, name="mfa_view_recovery_codes"),
    path("accounts/", include("allauth.urls")),
    path("", include("patients.urls")),
    path("", include("alerts.urls")),
    path("", include("recovery.urls")),
]

handler400 = "config.errors.bad_request"
handler403 = "config.errors.permission_denied"
handler404 = "config.errors.page_not_found"
handler500 = "config.errors.server_error"
