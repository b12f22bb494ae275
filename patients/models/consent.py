"""What a patient agreed to, in which version of the wording, from when to when."""

from django.db import models
from django.db.models import F, Q

from patients.models.fields import moments
from patients.models.patient import Patient


class Consent(models.Model):
    """One agreement. Withdrawing ends it; agreeing again makes a new row."""

    class Purpose(models.TextChoices):
        MESSAGES = "messages", "Messages by SMS and e-mail"
        HELPERS = "helpers", "Helpers may see my recovery"

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="consents")
    purpose = models.CharField(max_length=20, choices=Purpose)
    wording_version = models.CharField(max_length=20)
    granted_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "purpose"],
                condition=Q(withdrawn_at__isnull=True),
                name="one_live_consent_per_purpose",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gte=F("granted_at")),
                name="consent_is_withdrawn_after_it_was_granted",
            ),
            moments("an_agreement_is_in_years_of_care", "granted_at", "withdrawn_at"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} of {self.patient_id}"
