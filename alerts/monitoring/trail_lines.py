"""PURE: one event of the trail as a line to send: JSON, or syslog as in RFC 5424."""

import json
from datetime import datetime
from typing import Any

# RFC 5424: facility 10 (security), severity 4 (warning) for what was refused, else 6 (informational).
FACILITY, WARNING, INFORMATIONAL = 10, 4, 6
WARNED = ("sign_in_failed", "refused")
APP = "kypho"
# A private structured-data name needs an enterprise number; 32473 is the one for examples (RFC 5612).
SD_ID = "trail@32473"
NONE = "-"


def as_json(event: dict[str, Any]) -> str:
    """The event as one line of JSON: keys in a fixed order, without empty ones; times in ISO form with offset."""
    return json.dumps({name: _plain(value) for name, value in event.items() if value not in (None, "")})


def as_syslog(event: dict[str, Any], host: str) -> str:
    """The event as syslog writes it: <priority>1 time host app process message-id [data] text"""
    severity = WARNING if event["what"] in WARNED else INFORMATIONAL
    data = " ".join(f'{name}="{_escaped(value)}"' for name, value in event.items() if value not in (None, ""))
    head = f"<{FACILITY * 8 + severity}>1 {_plain(event['at'])} {_word(host)} {APP} {NONE} {event['what']}"
    return f"{head} [{SD_ID} {data}] {event['what']}"


def framed(line: str) -> bytes:
    """The line after its length in bytes (RFC 6587, RFC 5425): a line break inside then starts no new message."""
    said = line.encode()
    return f"{len(said)} ".encode() + said


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _escaped(value: Any) -> str:
    text = str(_plain(value)).replace("\\", "\\\\").replace('"', '\\"').replace("]", "\\]")
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _word(text: str) -> str:
    """The text as printable ASCII without spaces, as the head of a syslog message requires."""
    return "".join(letter for letter in text if "!" <= letter <= "~")[:255] or NONE
