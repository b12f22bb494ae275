"""The trail of sign-ins, refusals and exports. Rows are only ever added."""

from django.db import models
from django.db.models import Q

from patients.models.clinic import Clinic
from patients.models.staff import User


class TrailEvent(models.Model):
    """One event of a person's sign-in, or one export. It never holds what a patient wrote, or a secret."""

    class What(models.TextChoices):
        SIGNED_IN = "signed_in", "Signed in"
        FAILED = "sign_in_failed", "Sign-in failed"
        REFUSED = "refused", "Refused"
        SIGNED_OUT = "signed_out", "Signed out"
        ENDED = "session_ended", "Sign-in ended"
        FACTOR_ADDED = "factor_added", "Second factor added"
        FACTOR_REMOVED = "factor_removed", "Second factor removed"
        PASSWORD = "password_changed", "Password changed"
        RESCUE = "way_back", "Way back after a lost second factor"
        ACCESS = "access_changed", "Role or access changed"
        EXPORT = "export", "Export"
        LOG_READ = "log_read", "Access log read"

    at = models.DateTimeField()
    what = models.CharField(max_length=20, choices=What)
    # user: whom it is about (null: unknown). by: who did it, if another person.
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # The reason or means, in a few words from our own lists, such as "password" or "nobody clicked".
    detail = models.CharField(max_length=80, blank=True)
    ip = models.GenericIPAddressField(null=True, blank=True)
    device = models.CharField(max_length=80, blank=True)
    request_id = models.CharField(max_length=36, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    what__in=[
                        "signed_in",
                        "sign_in_failed",
                        "refused",
                        "signed_out",
                        "session_ended",
                        "factor_added",
                        "factor_removed",
                        "password_changed",
                        "way_back",
                        "access_changed",
                        "export",
                        "log_read",
                    ]
                ),  # fmt: skip
                name="an_event_of_the_trail_is_of_a_known_kind",
            ),
        ]
        indexes = [
            # what happened to one person's sign-in, newest first
            models.Index(fields=["user", "-at"], name="trail_of_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.what} of {self.user_id}"


class TrailPosition(models.Model):
    """How far the trail has been sent away from this machine by one channel."""

    way = models.CharField(max_length=10, primary_key=True)
    up_to_id = models.BigIntegerField(default=0)
    left_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.way} up to {self.up_to_id}"
