"""The addresses at which staff can be reached away from the screen."""

import hashlib

from django.db import models
from django.db.models import Q
from phonenumber_field.phonenumber import to_python

from patients.models.staff import User
from patients.vault.fields import LockedText


def mark_of(endpoint: str) -> str:
    """Return a hash that stands for a browser's push endpoint; it does not let a reader send to the browser."""
    return f"push:{hashlib.sha256(endpoint.encode()).hexdigest()}"


class ContactMethod(models.Model):
    """One address of one person, used once it is verified and while it is neither turned off nor opted out.

    The sign-in e-mail needs no row, because its owner proves it with the link that sets the password. It gets one
    only to note that it is off, or that messages to it fail.
    """

    class Kind(models.TextChoices):
        """The kinds have the names of the channels."""

        EMAIL = "email", "E-mail"
        SMS = "sms", "Text messages"
        CALL = "call", "Phone calls"
        # One row per browser. Its address is a hash of the push endpoint (mark_of).
        PUSH = "push", "Devices"

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="contact_methods")
    kind = models.CharField(max_length=10, choices=Kind)
    address = models.CharField(max_length=1000)
    # What people call a browser, such as "Chrome on Windows".
    label = models.CharField(max_length=80, blank=True)
    # JSON: the endpoint, and the keys the browser gave us to encrypt with (p256dh, auth).
    subscription = LockedText(
        max_length=3000, blank=True, default="", place="push subscription", bound_to=("user_id",)
    )
    last_used_at = models.DateTimeField(null=True, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    # When the person turned it off on the page.
    disabled_at = models.DateTimeField(null=True, blank=True)
    # When STOP was sent from there; the provider refuses to send until START comes.
    opted_out_at = models.DateTimeField(null=True, blank=True)
    # When and why the last message could not arrive; both are empty again after one that did.
    last_failed_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)
    # The code itself is not stored: it is derived from this and the secret key (alerts.messaging.codes).
    code_nonce = models.CharField(max_length=32, blank=True)
    code_expires_at = models.DateTimeField(null=True, blank=True)
    code_tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="push") | ~Q(subscription="") & ~Q(label=""),
                name="a_device_has_a_name_and_its_keys",
            ),
            models.UniqueConstraint(fields=["user", "kind", "address"], name="a_contact_method_once_per_person"),
            models.UniqueConstraint(
                fields=["kind", "address"],
                condition=Q(verified_at__isnull=False),
                name="a_verified_address_has_one_owner",
            ),
            models.CheckConstraint(
                condition=Q(code_nonce="") | Q(code_expires_at__isnull=False), name="a_contact_code_runs_out"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of user {self.user_id}"

    def give_up(self) -> None:
        """Delete a device whose keys can no longer be read; its owner sets it up again."""
        self.delete()

    @property
    def shown(self) -> str:
        """The address as people write it, or the name of a browser."""
        if self.kind == self.Kind.PUSH:
            return self.label
        number = to_python(self.address) if self.kind in (self.Kind.SMS, self.Kind.CALL) else None
        return number.as_national if number else self.address

    @property
    def is_usable(self) -> bool:
        """Whether messages may go there."""
        return bool(self.verified_at) and not self.disabled_at and not self.opted_out_at

    @property
    def why_not(self) -> str:
        """Why no messages go there, in plain words; empty when they may."""
        if not self.verified_at:
            return f"{self.kind} not verified"
        if self.opted_out_at:
            return f"{self.kind} stopped by the person"
        return f"{self.kind} turned off by the person" if self.disabled_at else ""

    @property
    def state_words(self) -> str:
        """What is wrong with it, for people; empty when all is well."""
        if not self.verified_at:
            return "not verified yet"
        if self.opted_out_at:
            return "stopped by a STOP from this phone"
        if self.disabled_at:
            return "turned off"
        return f"the last message failed ({self.last_error})" if self.last_failed_at else ""
