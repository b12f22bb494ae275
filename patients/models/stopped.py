"""Phone numbers of patients and helpers that take no texts, after STOP or because they are landlines."""

from django.db import models


class StoppedNumber(models.Model):
    """A number that gets no texts until START comes from it. A patient's new number is not affected.

    For staff, ContactMethod.opted_out_at says the same of each mobile.
    """

    class Why(models.TextChoices):
        STOP = "stop", "STOP was sent from it"
        LANDLINE = "landline", "It is a landline, or its carrier takes no texts"

    # As the provider writes it: E.164.
    number = models.CharField(max_length=20, primary_key=True)
    stopped_at = models.DateTimeField()
    why = models.CharField(max_length=10, choices=Why, default=Why.STOP, db_default=Why.STOP)

    def __str__(self) -> str:
        return f"stopped at {self.stopped_at:%Y-%m-%d %H:%M}"
