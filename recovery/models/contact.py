"""What staff wrote about a patient when no alert waited: a contact, a call without an answer, a note."""

from django.db import models
from django.db.models import Q

from alerts.models import Alert
from patients.models import Patient, Staff
from patients.models.fields import numbers, within
from patients.values.bounds import MINUTES


class PatientContact(models.Model):
    """One contact or note. Rows are only ever added: a trigger refuses UPDATE and DELETE."""

    class Kind(models.TextChoices):
        CONTACTED = "contacted", "Spoke with the patient"
        EVALUATED = "evaluated", "Examined in person"
        NOT_REACHED = "not_reached", "Called, not reached"
        NOTE = "note", "Note"

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="contacts")
    at = models.DateTimeField()
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind)
    note = models.TextField(max_length=2000, blank=True)
    # The alert it was meant for, if a colleague closed that alert before this was sent.
    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # The minutes of staff for it, if they wrote them down: the RTM report counts no others.
    minutes = models.PositiveSmallIntegerField(null=True, blank=True, validators=within(MINUTES))
    # The day of the plan that it tells of (recovery.journey.plan_dates); empty for every other contact or note.
    about = models.CharField(max_length=10, blank=True, default="", db_default="")
    # The id of the form, so that a form sent twice is stored once.
    once = models.CharField(max_length=36, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["contacted", "evaluated", "not_reached", "note"]),
                name="a_contact_is_of_a_known_kind",
            ),
            models.CheckConstraint(
                condition=Q(kind="not_reached") | ~Q(note=""), name="only_a_call_without_an_answer_needs_no_words"
            ),
            numbers("minutes_of_a_contact_are_possible", minutes=MINUTES),
            models.UniqueConstraint(
                fields=["patient", "staff", "once"], condition=~Q(once=""), name="a_contact_once_per_press"
            ),
        ]
        indexes = [
            # the chart: what was written about a patient, newest first
            models.Index(fields=["patient", "-at"], name="contacts_of_a_patient"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
