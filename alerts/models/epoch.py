"""Epochs: each restore of the records from a backup, and who at each clinic checked what may be missing."""

import uuid

from django.db import models
from django.db.models import Q

from patients.models import Clinic, Staff


class Epoch(models.Model):
    """One unbroken life of the records. A restore from a backup begins a new one. Rows are only ever added."""

    class Cause(models.TextChoices):
        FIRST = "first", "the first one"
        SERVER = "server", "another database server"
        TIMELINE = "timeline", "the server went back in time, or its stand-by took over"
        TABLES = "tables", "the tables were written again from a dump"
        FILES = "files", "older files of the server were put back"
        OPERATOR = "operator", "an operator said so"

    # New each time: the same copy restored twice makes two epochs. Phones send their logs again when it changes.
    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    seen_at = models.DateTimeField()
    before = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    cause = models.CharField(max_length=10, choices=Cause)
    reason = models.CharField(max_length=300, blank=True)
    # The last sign of life in the copy; later work may be missing. Null: unknown.
    copied_at = models.DateTimeField(null=True, blank=True)
    # These identify the server and our tables: its system identifier, its timeline, the table's object id.
    server = models.BigIntegerField()
    timeline = models.BigIntegerField()
    table_id = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["before"], nulls_distinct=False, name="one_epoch_follows_another"),
            models.CheckConstraint(
                condition=Q(cause="first", before__isnull=True) | (~Q(cause="first") & Q(before__isnull=False)),
                name="only_the_first_epoch_has_none_before_it",
            ),
        ]

    def __str__(self) -> str:
        return str(self.code)


class EpochCheck(models.Model):
    """A clinic has checked what a restore may have lost. Rows are only ever added."""

    epoch = models.ForeignKey(Epoch, on_delete=models.PROTECT, related_name="checks")
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["epoch", "clinic"], name="a_clinic_checks_an_epoch_once"),
        ]

    def __str__(self) -> str:
        return f"{self.epoch_id} by {self.staff_id}"
