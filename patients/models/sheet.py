"""Sheets of patients to enroll: the rows of a file, until they are imported or forgotten."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from patients.models.clinic import Clinic
from patients.models.fields import moments
from patients.models.job import Job
from patients.models.patient import Patient
from patients.models.staff import Staff


class PatientSheet(models.Model):
    """One file as it was read. Nobody is enrolled from it before a person confirms (confirmed_at)."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="sheets")
    made_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="sheets")
    made_at = models.DateTimeField()
    file_name = models.CharField(max_length=120)
    header = ArrayField(models.CharField(max_length=500))
    # Which column holds which field ({"birth_date": 3}), and which write the day first ({"birth_date": true}).
    columns = models.JSONField(default=dict)
    day_first = models.JSONField(default=dict)
    # The time of day at which a procedure ended whose time the file does not tell.
    usual_time = models.TimeField(null=True, blank=True)
    # Staff said that each of these patients agreed to messages.
    all_agreed = models.BooleanField(default=False)
    # The newest job about it: a check of its rows, or the import.
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    # When somebody pressed Import.
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [moments("a_sheet_is_in_years_of_care", "made_at", "confirmed_at")]
        indexes = [
            # the page for files: those of a clinic; and the sweep that forgets old ones
            models.Index(fields=["clinic", "made_at"], name="sheets_of_a_clinic"),
        ]

    def __str__(self) -> str:
        return f"sheet {self.pk}"


class SheetRow(models.Model):
    """One row of a sheet, with what its check found and what came of it."""

    class Outcome(models.TextChoices):
        UNCHECKED = "", "Not checked yet"
        NEW = "new", "New"
        UPDATE = "update", "Update"
        SAME = "same", "No change"
        WRONG = "wrong", "To fix"
        ENROLLED = "enrolled", "Enrolled"
        UPDATED = "updated", "Updated"

    # Of the clinic itself, so that the wall needs no join.
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    sheet = models.ForeignKey(PatientSheet, on_delete=models.CASCADE, related_name="rows")
    # As the program shows it in which the file was made.
    number = models.PositiveIntegerField()
    cells = ArrayField(models.CharField(max_length=500, blank=True))
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True, default=Outcome.UNCHECKED)
    # [{"field": "phone", "text": "…"}], sentences beside the row, and each field as it was read.
    problems = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    read = models.JSONField(default=dict)
    # What must be of one patient alone in a sheet: record number, name with birth date, phone, e-mail.
    keys = ArrayField(models.CharField(max_length=300), default=list)
    # Said by staff about this row: they share the phone or e-mail; a namesake is another person.
    shared = models.BooleanField(default=False)
    another_person = models.BooleanField(default=False)
    # Whom it is about, when they are here already or were enrolled from it.
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sheet", "number"], name="a_row_of_a_sheet_once"),
            models.CheckConstraint(
                condition=Q(outcome__in=["", "new", "update", "same", "wrong"]) | Q(patient__isnull=False),
                name="who_was_imported_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"row {self.number} of sheet {self.sheet_id}"


class SheetColumns(models.Model):
    """What a clinic's columns hold, as confirmed last: by the folded name of each column, the field or ""."""

    clinic = models.OneToOneField(Clinic, on_delete=models.PROTECT, related_name="sheet_columns")
    fields = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"columns of clinic {self.clinic_id}"
