"""Numbers of patients and helpers from which STOP was sent."""

from django.db import models


class StoppedNumber(models.Model):
    """Nothing is texted there until START comes from it. Kept by number: a new phone begins without it.

    The staff's own mobiles say so themselves (ContactMethod.opted_out_at).
    """

    # As the provider writes it: E.164.
    number = models.CharField(max_length=20, primary_key=True)
    stopped_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"stopped at {self.stopped_at:%Y-%m-%d %H:%M}"
