"""Every server outside that this installation may speak to: one list, made of its settings and its webhooks.

A browser names the server of its push service, and a manager the one of a webhook: neither is called unless it is
on the list. All others stand in the settings alone, and tests/architecture/test_outbound.py names who calls them.
"""

from collections.abc import Iterator
from enum import StrEnum
from urllib.parse import urlsplit

from django.conf import settings

# Of the browsers: Chrome, Samsung, Opera and Brave; Firefox; Safari; Edge.
PUSH_SERVICES = (
    "fcm.googleapis.com",
    "*.push.services.mozilla.com",
    "*.push.apple.com",
    "*.notify.windows.com",
)
URLS = ("SMS_API_URL", "WATCHDOG_SMS_API_URL", "OUTSIDE_HEARTBEAT_URL", "TRAIL_SYSLOG_URL")


class NamedBy(StrEnum):
    """Who named a server."""

    BROWSER = "browser"
    MANAGER = "manager"


def is_listed(host: str, named_by: NamedBy) -> bool:
    """May this server be called? host: as the network names it. An empty OUTBOUND_HOSTS lets managers decide."""
    more = settings.OUTBOUND_HOSTS
    if named_by == NamedBy.MANAGER:
        return not more or any(_fits(host, one) for one in more)
    return any(_fits(host, one) for one in (*PUSH_SERVICES, *more))


def set_up() -> Iterator[tuple[str, str]]:
    """All but webhooks: each server as a name or a pattern, and what names it."""
    yield settings.EMAIL_HOST, "EMAIL_URL"
    if settings.WATCHDOG_MAIL.get("EMAIL_HOST"):
        yield settings.WATCHDOG_MAIL["EMAIL_HOST"], "WATCHDOG_SMTP_URL"
    for name in URLS:
        if host := urlsplit(getattr(settings, name)).hostname:
            yield host, name
    yield urlsplit(settings.CANARY_URL or settings.BASE_URL).hostname or "", "the canary"
    yield from ((host, "push services") for host in PUSH_SERVICES)
    yield from ((host, "OUTBOUND_HOSTS") for host in settings.OUTBOUND_HOSTS)


def _fits(host: str, pattern: str) -> bool:
    """*.example.org: whatever ends in it, and not example.org itself."""
    return host.endswith(pattern[1:]) if pattern.startswith("*.") else host == pattern
