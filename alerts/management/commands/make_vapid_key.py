"""Make a key for push messages to the browsers of staff."""

from typing import Any

from django.core.management.base import BaseCommand

from alerts.messaging.webpush import new_private


class Command(BaseCommand):
    """bin/manage make_vapid_key"""

    help = "Print a new VAPID_PRIVATE_KEY. Changing the key turns off every browser that was added before."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line for .env."""
        self.stdout.write(f"VAPID_PRIVATE_KEY={new_private()}")
