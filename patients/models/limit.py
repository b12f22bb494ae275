"""What was used up of the limits of patients.sign_in.limits, which alone writes it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class LimitUse(models.Model):
    """One limit of one network, sign-in address or person: when each try that counts was made.

    Never more tries than the limit allows; what is older than the limit looks back is dropped at the next try.
    """

    # A keyed hash: whoever reads the row learns nobody's address.
    key = models.CharField(max_length=64, primary_key=True)
    times = ArrayField(models.DateTimeField())
    most = models.PositiveSmallIntegerField()
    # From then on the row says nothing.
    until = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.key
