"""Helpers, who have a sign-in of their own and never use the patient's."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from patients.models.fields import moments
from patients.models.patient import Patient
from patients.models.staff import User
from patients.values.note_ways import NOTE_WAYS


class Caregiver(models.Model):
    """A helper's right for one patient. It ends at expires_at or removed_at, whichever is first."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="caregivers")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="caring_for")
    relationship = models.CharField(max_length=60, blank=True)
    may_log = models.BooleanField(default=True)
    may_be_alerted = models.BooleanField(default=False)
    # How the helper wants notes; empty: the best way that works. Urgent ones use every way.
    note_ways = ArrayField(models.CharField(max_length=5), default=list, blank=True, db_default=[])
    expires_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "user"],
                condition=Q(removed_at__isnull=True),
                name="a_helper_once_per_patient",
            ),
            models.CheckConstraint(
                condition=Q(note_ways__contained_by=list(NOTE_WAYS)), name="a_helpers_notes_come_by_known_ways"
            ),
            moments("a_helpers_right_is_in_years_of_care", "expires_at", "removed_at"),
        ]

    def __str__(self) -> str:
        return f"helper {self.user_id} of {self.patient_id}"
