"""The medical lead of a clinic, who signs settings that make a rule less strict."""

from django.db import models

from patients.models.clinic import Clinic
from patients.models.staff import Staff


class MedicalLead(models.Model):
    """A physician who was named the clinic's medical lead; the newest row counts. Rows are only ever added."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="leads")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    named_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    named_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.staff} of clinic {self.clinic_id}"
