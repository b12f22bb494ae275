"""Beats: each process records its last completed work, so that its silence is noticed."""

from django.db import models


class ProcessBeat(models.Model):
    """When one process last finished its work, such as a sweep, a round of the watchdog or sealing.

    The row "clock-jump" holds the last jump of the database's clock instead.
    """

    name = models.CharField(max_length=40, primary_key=True)
    beat_at = models.DateTimeField()
    detail = models.JSONField(default=dict, blank=True)

    def __str__(self) -> str:
        return self.name
