"""How many logs a phone says it has made, and which of them have arrived (PhoneCount)."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from patients.models import Patient, User


class PhoneCount(models.Model):
    """One sequence: the logs of one person about one patient on one phone. A new phone begins a new sequence."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="phone_counts")
    # Made by the phone.
    sequence = models.UUIDField()
    # The highest number the phone has reported.
    last = models.PositiveIntegerField()
    # All numbers up to up_to, and those in beyond, have arrived or were removed on the phone.
    up_to = models.PositiveIntegerField(default=0)
    beyond = ArrayField(models.PositiveIntegerField(), default=list, blank=True)
    missing = models.PositiveIntegerField(default=0)
    missing_since = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "patient", "sequence"], name="a_phone_counts_once"),
            models.CheckConstraint(
                condition=Q(missing=0, missing_since__isnull=True) | Q(missing__gt=0, missing_since__isnull=False),
                name="what_has_not_arrived_says_since_when",
            ),
            models.CheckConstraint(
                condition=Q(last__gte=1, up_to__lte=F("last"), missing__lte=F("last")),
                name="a_phone_counts_from_one",
            ),
        ]
        indexes = [
            # list, chart and Today: what has not arrived
            models.Index(fields=["patient"], condition=Q(missing__gt=0), name="logs_not_arrived"),
        ]

    def __str__(self) -> str:
        return f"{self.up_to} of {self.last}"
