from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from alerts import failpoints


class AlertsConfig(AppConfig):
    name = "alerts"
    verbose_name = "Alerts: tell someone until a person answers"

    def ready(self) -> None:
        """A process that kills itself on purpose has no place where patients are real."""
        if failpoints.is_armed() and settings.HTTPS:
            raise ImproperlyConfigured("FAILPOINTS is set: it is for fault runs only, never with HTTPS.")
