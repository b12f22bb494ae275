"""List every outside server that this installation may call."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.core.management.base import BaseCommand, CommandError
from django.db import ProgrammingError

from alerts.messaging.channels.hosts import NamedBy, is_listed, set_up
from alerts.models import WebhookEndpoint


class Command(BaseCommand):
    """bin/manage outbound_hosts"""

    help = "Print every server that this installation may speak to, and what names it."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line per server: its name, a tab, and the setting or part that names it."""
        try:
            found = dict.fromkeys([*set_up(), *_webhooks()])
        except ProgrammingError as error:
            raise CommandError(
                "There are no webhooks of this version here yet. Start the product first."
            ) from error
        for host, why in found:
            self.stdout.write(f"{host}\t{why}")


def _webhooks() -> Iterator[tuple[str, str]]:
    for row in WebhookEndpoint.objects.filter(disabled_at__isnull=True).order_by("url"):
        host = urlsplit(row.url).hostname or ""
        yield host, "a webhook" if is_listed(host, NamedBy.MANAGER) else "a webhook that is refused"
