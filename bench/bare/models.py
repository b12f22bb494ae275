"""One log of 25 fields."""

from django.conf import settings
from django.db import models

PAINS = ("pain_move", "pain_rest", "pain_site")
SIGNS = tuple(f"sign_{n}" for n in range(16))
WORDS = ("walk", "activity", "medicine", "energy", "sleep", "note")


class Log(models.Model):
    """Three numbers, sixteen signs, six short texts."""

    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["-at", "-id"], name="newest")]

    def __str__(self) -> str:
        """Name the row."""
        return f"log {self.pk}"


for _name in PAINS:
    Log.add_to_class(_name, models.PositiveSmallIntegerField())
for _name in SIGNS:
    Log.add_to_class(_name, models.BooleanField(default=False))
for _name in WORDS:
    Log.add_to_class(_name, models.CharField(max_length=200, blank=True))
