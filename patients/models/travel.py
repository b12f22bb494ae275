"""Travels: for a time a patient lives by the clocks of another place."""

from django.db import models
from django.db.models import F, Q

from patients.models.fields import moments, places, validate_timezone
from patients.models.patient import Patient
from patients.models.staff import User
from patients.values.bounds import place_of


class Travel(models.Model):
    """While it lasts, Patient.timezone is `zone`; at due_at the sweep sets it back to home_zone."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="travels")
    zone = models.CharField(max_length=64, validators=[validate_timezone])
    home_zone = models.CharField(max_length=64, validators=[validate_timezone])
    began_at = models.DateTimeField()
    began_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    due_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient"], condition=Q(ended_at__isnull=True), name="one_travel_at_a_time"
            ),
            models.CheckConstraint(condition=Q(due_at__gt=F("began_at")), name="a_travel_comes_to_an_end"),
            moments("a_travel_is_in_years_of_care", "began_at", "due_at", "ended_at"),
            places("a_travel_goes_to_a_zone_of_a_place", "zone"),
            places("a_travel_begins_in_a_zone_of_a_place", "home_zone"),
        ]
        indexes = [
            # the sweep: travels that are over
            models.Index(fields=["due_at"], condition=Q(ended_at__isnull=True), name="travels_due"),
        ]

    def __str__(self) -> str:
        return f"travel {self.pk}"

    @property
    def place(self) -> str:
        """The place that its zone is named after."""
        return place_of(self.zone)
