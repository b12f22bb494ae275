"""Message key -> subject and body. What leaves the clinic says "please open", never why."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

# Where the link of each message goes: a first page, never a page about a patient.
LINKS = {
    "staff_alert": "/desk/",
    "staff_handover": "/desk/",
    "staff_watchdog": "/desk/",
    "patient_reminder": "/today/",
}


@dataclass(frozen=True)
class Text:
    """A message as it goes out. Channels without a subject send the body alone."""

    subject: str
    body: str


def render(message: str, context: Mapping[str, Any]) -> Text:
    """The texts in templates/messages/<message>/, one line of subject. KeyError for an unknown message."""
    values = {**context, "link": f"{settings.BASE_URL}{LINKS[message]}"}
    subject = render_to_string(f"messages/{message}/subject.txt", values)
    body = render_to_string(f"messages/{message}/body.txt", values)
    return Text(" ".join(subject.split()), body.strip() + "\n")
