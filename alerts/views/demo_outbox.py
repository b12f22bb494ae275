"""/outbox/: the messages of a demo, which never leave the machine. A 404 everywhere else."""

import email
import email.policy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from patients.installation import Kind, kind_here

NEWEST = 50
# Django's file backend writes this line between the messages of a file.
BETWEEN = b"-" * 79


@dataclass(frozen=True)
class ShownMessage:
    """One message on the page."""

    kind: str
    to: str
    subject: str
    text: str
    at: datetime


@require_safe
def demo_outbox(request: HttpRequest) -> HttpResponse:
    """Show the newest 50 messages, newest first."""
    if not settings.DEMO or kind_here() == Kind.REAL:
        raise Http404
    return render(request, "alerts/demo_outbox.html", {"shown": newest(Path(settings.OUTBOX_DIR))})


def newest(folder: Path) -> list[ShownMessage]:
    """The newest 50 messages of a folder, newest first; none when the folder does not exist yet."""
    files = [path for path in folder.glob("*") if path.suffix in (".log", ".json")] if folder.is_dir() else []
    files.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    return [message for path in files[:NEWEST] for message in _read(path)][:NEWEST]


def _read(path: Path) -> Iterator[ShownMessage]:
    at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    if path.suffix == ".json":
        sms = json.loads(path.read_text(encoding="utf-8"))
        yield ShownMessage("SMS", sms["to"], "", sms["text"], at)
        return
    for raw in reversed(path.read_bytes().split(BETWEEN)):
        if raw.strip():
            message = email.message_from_bytes(raw.lstrip(), policy=email.policy.default)
            body = message.get_body(("plain",))
            text = body.get_content() if body else ""
            yield ShownMessage("E-mail", str(message["to"]), str(message["subject"]), text, at)
