"""The list of outside servers that this installation may call, from its settings and its webhooks.

A browser names the server of its push service, a manager that of a webhook. Neither is called unless it is on the
list. All other servers come from settings alone; tests/architecture/test_outbound.py names their callers.
"""

from collections.abc import Iterator
from enum import StrEnum
from urllib.parse import urlsplit

from django.conf import settings

# In this order: Chrome, Samsung, Opera and Brave; Firefox; Safari; Edge.
PUSH_SERVICES = (
    "fcm.googleapis.com",
    "*.push.services.mozilla.com",
    "*.push.apple.com",
    "*.notify.windows.com",
)
URLS = ("SMS_API_URL", "WATCHDOG_SMS_API_URL", "OUTSIDE_HEARTBEAT_URL", "TRAIL_SYSLOG_URL")


class NamedBy(StrEnum):
    """The source of a server's name."""

    BROWSER = "browser"
    MANAGER = "manager"


def is_listed(host: str, named_by: NamedBy) -> bool:
    """May this server be called? An empty OUTBOUND_HOSTS lets managers name any server.

    host: as the network names it (lower case, IDNA).
    """
    more = settings.OUTBOUND_HOSTS
    if named_by == NamedBy.MANAGER:
        return not more or any(_fits(host, one) for one in more)
    return any(_fits(host, one) for one in (*PUSH_SERVICES, *more))


def set_up() -> Iterator[tuple[str, str]]:
    """All servers except those of webhooks, as pairs: a name or pattern, and the setting or part that names it."""
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
    """Does the host match? *.example.org matches every name below example.org, but not example.org itself."""
    return host.endswith(pattern[1:]) if pattern.startswith("*.") else host == pattern
