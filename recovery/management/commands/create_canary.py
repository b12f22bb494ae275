"""Make or repair the canary clinic by hand; the canary does the same in each round."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from recovery.canary.people import ensure


class Command(BaseCommand):
    """bin/manage create_canary"""

    help = "Make the made-up clinic, patient and nurse that prove every ten minutes that a log is answered."

    def handle(self, *args: Any, **options: Any) -> None:
        """Make or repair the canary clinic; running it again is harmless."""
        self.stdout.write(f"The canary lives in clinic {ensure(timezone.now()).clinic.code}.")
