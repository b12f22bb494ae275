"""Who looked at or changed which patient's record. Rows are only added: a trigger refuses UPDATE and DELETE."""

from django.db import models

from patients.models.patient import Patient
from patients.models.staff import User


class AccessEvent(models.Model):
    """One look at, or change to, one patient's record."""

    at = models.DateTimeField()
    actor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="access_events")
    action = models.CharField(max_length=40)
    subject = models.CharField(max_length=80, blank=True)
    request_id = models.CharField(max_length=36, blank=True)

    class Meta:
        indexes = [
            # who looked at one patient's record, newest first
            models.Index(fields=["patient", "-at"], name="looks_at_a_patient"),
        ]

    def __str__(self) -> str:
        return f"{self.action} of {self.patient_id} by {self.actor_id}"
