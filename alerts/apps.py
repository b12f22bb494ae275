from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from alerts import failpoints


class AlertsConfig(AppConfig):
    name = "alerts"
    verbose_name = "Alerts: tell someone until a person answers"

    def ready(self) -> None:
        """Refuse to start with FAILPOINTS and HTTPS: a process that kills itself must not serve real patients."""
        if failpoints.is_armed() and settings.HTTPS:
            raise ImproperlyConfigured("FAILPOINTS is set: it is for fault runs only, never with HTTPS.")
