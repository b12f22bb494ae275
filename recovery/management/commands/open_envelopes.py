"""Open the envelopes of phones again: an earlier SECRET_KEY was put back, or this version knows more formats."""

from typing import Any

from django.core.management.base import BaseCommand

from alerts.clock import db_now
from recovery.logs import sealed


class Command(BaseCommand):
    """bin/manage open_envelopes"""

    help = "Open the urgent logs of phones that no key opened, once the old SECRET_KEY is in SECRET_KEY_FALLBACKS."

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how many are logs now, and how many are still closed."""
        opened, closed = sealed.open_again(db_now())
        self.stdout.write(f"{opened} are logs now; {closed} are still closed.")
