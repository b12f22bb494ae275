"""Rows that a sweep could not handle: they are tried again and shown to the clinic and the operator."""

from django.db import models

from patients.models import Clinic, Patient


class SetAside(models.Model):
    """One row that one sweep could not handle. It is deleted when the row goes through or is no longer due.

    It holds only ids, the class of an error and a place in our code, and never the content of a record.
    """

    # The name of the Work (alerts.sweeping.one_by_one) and the id of the row.
    sweep = models.CharField(max_length=30)
    row = models.BigIntegerField()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    error = models.CharField(max_length=80)
    where = models.CharField(max_length=120, blank=True)
    since = models.DateTimeField()
    tried_at = models.DateTimeField()
    due_at = models.DateTimeField()
    count = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name_plural = "rows set aside"
        constraints = [
            models.UniqueConstraint(fields=["sweep", "row"], name="a_row_is_set_aside_once_per_sweep"),
        ]
        indexes = [
            # the desk and the chart
            models.Index(fields=["clinic", "since"], name="set_aside_of_a_clinic"),
            models.Index(fields=["patient"], name="set_aside_of_a_patient"),
            # the operator: longest first
            models.Index(fields=["since"], name="set_aside_longest"),
        ]

    def __str__(self) -> str:
        return f"{self.sweep} {self.row}"
