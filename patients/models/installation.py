"""The kind of this installation: one row, written at its first start and never changed."""

from django.db import models
from django.db.models import Q


class Installation(models.Model):
    """Either a demo, with made-up people and public passwords, or a real installation."""

    class Kind(models.TextChoices):
        DEMO = "demo", "a demo"
        REAL = "real", "a real installation"

    kind = models.CharField(max_length=4, choices=Kind)
    since = models.DateTimeField()
    only = models.BooleanField(default=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["only"], name="an_installation_is_one_thing"),
            models.CheckConstraint(condition=Q(only=True), name="there_is_no_second_installation"),
            models.CheckConstraint(condition=Q(kind__in=["demo", "real"]), name="an_installation_is_demo_or_real"),
        ]

    def __str__(self) -> str:
        return self.kind
