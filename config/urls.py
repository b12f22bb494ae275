"""Every address of the site."""

from django.urls import include, path
from django.views.generic import TemplateView

from config.health import health
from config.views import home

urlpatterns = [
    path("", home, name="home"),
    path("nobody-yet/", TemplateView.as_view(template_name="no_access.html"), name="no_access"),
    path("health/", health, name="health"),
    path("accounts/", include("allauth.urls")),
    path("", include("patients.urls")),
    path("", include("alerts.urls")),
    path("", include("recovery.urls")),
]

handler400 = "config.errors.bad_request"
handler403 = "config.errors.permission_denied"
handler404 = "config.errors.page_not_found"
handler500 = "config.errors.server_error"
