"""Proof of completed work: silence of a clock must make noise."""

from django.db import models


class ProcessBeat(models.Model):
    """When a driver of the sweep last finished one."""

    name = models.CharField(max_length=40, primary_key=True)
    beat_at = models.DateTimeField()
    detail = models.JSONField(default=dict, blank=True)

    def __str__(self) -> str:
        return self.name
