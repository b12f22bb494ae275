"""Ship the trail from this machine, where the operator set it up: to a syslog server by TLS, or to a file.

A row stores how far each way has got. Events that a server did not take are sent again: at least once, in order.
"""

import os
import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from alerts.monitoring.trail_lines import as_json, as_syslog, framed
from alerts.sweeping.one_by_one import Row, Work, each
from patients.models import TrailEvent, TrailPosition

OUT = Work("trail-out", "The trail leaving this machine", again_seconds=(10, 300))
# A transaction may take a low id and commit late. An event waits this long, so that none before it is missed.
SETTLED = timedelta(seconds=20)
AT_ONCE = 500
SECONDS = 5.0
FIELDS = ("id", "at", "what", "user_id", "by_id", "clinic_id", "detail", "ip", "device", "request_id")
SYSLOG, LINES = "syslog", "lines"


def ship(now: datetime) -> int:
    """Ship new events by each way that is set up. Returns how many ways had new events."""
    return each(OUT, ((Row(key), partial(_one, way, now)) for key, way in _ways()), now)


def _ways() -> Iterator[tuple[int, str]]:
    if settings.TRAIL_SYSLOG_URL:
        yield 1, SYSLOG
    if settings.TRAIL_JSON_FILE:
        yield 2, LINES


def _one(way: str, now: datetime) -> bool:
    """Ship new events by one way and move its position. Returns False when there are none; raises OSError."""
    position, _ = TrailPosition.objects.get_or_create(way=way)
    new = TrailEvent.objects.filter(id__gt=position.up_to_id, at__lt=now - SETTLED).order_by("id")
    events = list(new.values(*FIELDS)[:AT_ONCE])
    if not events:
        return False
    (_by_syslog if way == SYSLOG else _to_file)(events)
    # Move the position only if no other process has shipped the same events meanwhile.
    still = TrailPosition.objects.filter(way=way, up_to_id=position.up_to_id)
    still.update(up_to_id=events[-1]["id"], left_at=now)
    return True


def _by_syslog(events: list[dict[str, Any]]) -> None:
    """Send events by RFC 5425: over TLS with a checked certificate, each message after its length."""
    place = urlsplit(settings.TRAIL_SYSLOG_URL)
    host, port = str(place.hostname), place.port or 6514
    context = ssl.create_default_context(cafile=settings.TRAIL_SYSLOG_CA or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    ours = urlsplit(settings.BASE_URL).hostname or socket.gethostname()
    plain = socket.create_connection((host, port), timeout=SECONDS)
    with plain, context.wrap_socket(plain, server_hostname=host) as line:
        line.sendall(b"".join(framed(as_syslog(event, ours)) for event in events))
        _close(line)


def _close(line: ssl.SSLSocket) -> None:
    """Close TLS, so that the server reads to the end. A server that does not answer has taken the events too."""
    with suppress(TimeoutError, ssl.SSLError):
        line.unwrap()


def _to_file(events: list[dict[str, Any]]) -> None:
    """Append events to the file and flush them to disk. The file "-" is the worker's own output."""
    text = "".join(f"{as_json(event)}\n" for event in events)
    if settings.TRAIL_JSON_FILE == "-":
        os.write(1, text.encode())
        return
    with Path(settings.TRAIL_JSON_FILE).open("a", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
