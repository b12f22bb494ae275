"""Seals: hashes over rows that must never change. Each hash includes the one before."""

from django.db import models
from django.db.models import F, Q


class Seal(models.Model):
    """The hash of one trail's rows after after_id up to up_to_id, when sealed (alerts.integrity.seals)."""

    trail = models.CharField(max_length=20)
    number = models.PositiveBigIntegerField()
    after_id = models.BigIntegerField()
    up_to_id = models.BigIntegerField()
    # The sealed columns in order. A column that is added later is part of later seals only.
    columns = models.CharField(max_length=500)
    rows = models.PositiveIntegerField()
    before = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()
    checked_at = models.DateTimeField()
    # Since when a check finds that the rows differ from what was sealed.
    broken_at = models.DateTimeField(null=True, blank=True)
    # Set when an operator accepted the present rows and said why.
    accepted_hash = models.CharField(max_length=64, blank=True)
    accepted_why = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["trail", "number"], name="one_seal_follows_another"),
            models.CheckConstraint(condition=Q(up_to_id__gt=F("after_id")), name="a_seal_is_over_some_rows"),
        ]
        indexes = [
            models.Index(fields=["checked_at"], name="seals_by_check"),
            models.Index(fields=["broken_at"], condition=Q(broken_at__isnull=False), name="seals_broken"),
        ]

    def __str__(self) -> str:
        return f"{self.trail} {self.number}"
