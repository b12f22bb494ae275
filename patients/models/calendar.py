"""The secret addresses under which calendar apps read a person's plan."""

from django.db import models
from django.db.models import Q

from patients.models.fields import moments
from patients.models.patient import Patient
from patients.models.staff import User


class CalendarFeed(models.Model):
    """One person's calendar about one patient. Its address holds a secret, of which only a hash is stored."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="calendar_feeds")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="calendar_feeds")
    # SHA-256 of 32 random bytes as they stand in the address, hex.
    secret_hash = models.CharField(max_length=64, unique=True)
    # The person asked for titles that say what a step is about.
    in_words = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    # When a calendar app last read it, to the hour.
    read_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "user"],
                condition=Q(ended_at__isnull=True),
                name="one_calendar_address_per_person_and_patient",
            ),
            moments("a_calendar_address_is_in_years_of_care", "made_at", "read_at", "ended_at"),
        ]

    def __str__(self) -> str:
        return f"calendar {self.pk}"
