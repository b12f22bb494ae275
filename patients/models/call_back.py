"""A call-back that staff promised a patient while no alert waited: a row that falls due."""

from django.db import models
from django.db.models import F, Q

from patients.models.fields import moments
from patients.models.patient import Patient
from patients.models.staff import Staff


class CallBack(models.Model):
    """A promised call-back. Open until staff spoke with the patient; when it is late, an alert says so."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="call_backs")
    promised_at = models.DateTimeField()
    promised_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    due_at = models.DateTimeField()
    # When the sweep found it late and told staff.
    late_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(due_at__gte=F("promised_at")), name="a_call_back_is_promised_for_later"
            ),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, settled_by__isnull=True)
                | Q(settled_at__isnull=False, settled_by__isnull=False),
                name="a_call_back_is_settled_by_a_named_person",
            ),
            moments("a_call_back_is_in_years_of_care", "promised_at", "due_at", "late_at", "settled_at"),
        ]
        indexes = [
            # the sweep: late call-backs that staff were not told about
            models.Index(
                fields=["due_at"],
                condition=Q(settled_at__isnull=True, late_at__isnull=True),
                name="call_backs_due",
            ),
            # list, chart and phone: what a patient was promised
            models.Index(
                fields=["patient", "due_at"], condition=Q(settled_at__isnull=True), name="call_backs_of_a_patient"
            ),
        ]

    def __str__(self) -> str:
        return f"call-back {self.pk}"
