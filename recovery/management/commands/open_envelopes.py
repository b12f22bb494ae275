"""Try unopened envelopes again, after an earlier SECRET_KEY was put back or a new version knows more formats."""

from typing import Any

from django.core.management.base import BaseCommand

from alerts.clock import db_now
from recovery.logs import sealed


class Command(BaseCommand):
    """bin/manage open_envelopes"""

    help = "Open the urgent logs of phones that no key opened, once the old SECRET_KEY is in SECRET_KEY_FALLBACKS."

    def handle(self, *args: Any, **options: Any) -> None:
        """Open them, and print how many became logs and how many are still unopened."""
        opened, closed = sealed.open_again(db_now())
        self.stdout.write(f"{opened} are logs now; {closed} are still closed.")
