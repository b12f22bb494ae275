"""The counts of the rate limits. Only patients.sign_in.limits writes them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class LimitUse(models.Model):
    """One limit of one network, sign-in address or person, with the times of the tries that count.

    It never holds more tries than the limit allows; the next try drops those older than the limit's period.
    """

    # A keyed hash, so that a reader of the row does not learn the address.
    key = models.CharField(max_length=64, primary_key=True)
    times = ArrayField(models.DateTimeField())
    most = models.PositiveSmallIntegerField()
    # After this time the row has no effect.
    until = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.key
