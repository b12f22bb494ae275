"""Webhooks to a clinic's own systems, and the deliveries that managers sent again by hand."""

import base64
import secrets
import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q

from alerts.models.delivery import Delivery
from patients.clock import db_now
from patients.models import Clinic, Staff
from patients.vault.fields import LockedText

# After this many failed deliveries in a row the page shows the webhook as failing, until one arrives.
FLAGGED_AFTER = 5
LOST_WITH_ITS_KEY = (
    "its secret was lost with a key of this server. Turn it on and give it a new secret for your system."
)


def new_secret() -> str:
    """A new random secret in the form of Standard Webhooks: whsec_ and base64 of 32 bytes."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


class WebhookEndpoint(models.Model):
    """One address of a clinic's systems. Rows are turned off, never removed, because deliveries point to them."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="webhooks")
    url = models.CharField(max_length=500)
    description = models.CharField(max_length=80)
    # whsec_ and base64 of 32 bytes. Signing needs it, so it is kept, locked. A page shows it once, when it is new.
    secret = LockedText(max_length=400, place="webhook secret", bound_to=("code",))
    # Both secrets sign while the receiver changes over to the new one.
    old_secret = LockedText(max_length=400, blank=True, place="webhook old secret", bound_to=("code",))
    old_secret_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    disabled_at = models.DateTimeField(null=True, blank=True)
    disabled_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    disabled_reason = models.CharField(max_length=200, blank=True)
    # Deliveries given up in a row; an arrived one sets it to 0.
    dead_in_a_row = models.PositiveIntegerField(default=0)
    last_arrived_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "url"],
                condition=Q(disabled_at__isnull=True),
                name="a_clinic_tells_an_address_once",
            ),
            models.CheckConstraint(
                condition=Q(disabled_at__isnull=True, disabled_reason="")
                | (Q(disabled_at__isnull=False) & ~Q(disabled_reason="")),
                name="a_webhook_is_off_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(old_secret="", old_secret_until__isnull=True)
                | (~Q(old_secret="") & Q(old_secret_until__isnull=False)),
                name="an_old_secret_runs_out",
            ),
        ]

    def __str__(self) -> str:
        return f"webhook {self.pk}"

    def give_up(self) -> None:
        """Turn the webhook off because its secret cannot be read; a manager must turn it on with a new secret."""
        self.secret, self.old_secret, self.old_secret_until = new_secret(), "", None
        if self.disabled_at is None:
            self.disabled_at, self.disabled_reason = db_now(), LOST_WITH_ITS_KEY
        self.save(update_fields=["secret", "old_secret", "old_secret_until", "disabled_at", "disabled_reason"])

    @property
    def is_failing(self) -> bool:
        """Have many deliveries in a row never arrived?"""
        return self.dead_in_a_row >= FLAGGED_AFTER

    def secrets(self, now: datetime) -> list[str]:
        """The secrets that sign at this time, newest first."""
        old = [self.old_secret] if self.old_secret_until and self.old_secret_until > now else []
        return [self.secret, *old]


class DeliveryAction(models.Model):
    """A manager sent a message again by hand. Rows are only ever added."""

    class What(models.TextChoices):
        RETRY = "retry", "Tried again"
        REPLAY = "replay", "Sent once more"

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="actions")
    at = models.DateTimeField()
    what = models.CharField(max_length=10, choices=What)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["delivery", "at"], name="actions_of_a_delivery")]

    def __str__(self) -> str:
        return f"{self.what} of delivery {self.delivery_id}"
