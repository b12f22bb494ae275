"""Hospital stays, as staff write them down or the patient or a helper says."""

import uuid

from django.db import models
from django.db.models import F, Q

from patients.models.patient import Patient
from patients.models.staff import Staff, User


class HospitalStay(models.Model):
    """From when to when a patient was in the hospital, as far as the clinic knows. Open until staff end it."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="stays")
    # When it began, as staff were told, and when it was written down.
    since = models.DateTimeField()
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # The patient or helper who said it on their phone, instead of noted_by.
    said_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    note = models.TextField(max_length=2000, blank=True)
    # When staff last noted that the patient is still there; without checked_by no staff has yet.
    checked_at = models.DateTimeField()
    checked_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # The patient or helper who said that the patient is home, instead of ended_by.
    end_said_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    end_note = models.TextField(max_length=2000, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient"], condition=Q(ended_at__isnull=True), name="one_open_stay_per_patient"
            ),
            models.CheckConstraint(
                condition=Q(since__lte=F("noted_at")), name="a_stay_has_begun_when_it_is_noted"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True, end_said_by__isnull=True)
                | Q(ended_at__isnull=False, ended_at__gte=F("since"))
                & (
                    Q(ended_by__isnull=False, end_said_by__isnull=True)
                    | Q(ended_by__isnull=True, end_said_by__isnull=False)
                ),
                name="a_stay_is_ended_by_a_named_person_after_it_began",
            ),
            models.CheckConstraint(
                condition=Q(noted_by__isnull=False, said_by__isnull=True)
                | Q(noted_by__isnull=True, said_by__isnull=False),
                name="a_stay_is_noted_by_a_named_person",
            ),
        ]
        indexes = [
            # a patient's stays, newest first: since when, and when they came home
            models.Index(fields=["patient", "-since"], name="stays_of_a_patient"),
        ]

    def __str__(self) -> str:
        return str(self.code)
