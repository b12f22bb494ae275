"""Subject and body of each message. A message that leaves the clinic says "please open", never why."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string, select_template
from django.utils.translation import gettext as _
from django.utils.translation import override

from alerts.messaging.channels.voice import PATIENT_PAGE, STAFF_PAGE
from alerts.messaging.codes import code_from
from patients.selectors.reach import ASK_BY_CALL
from patients.values.languages import ENGLISH

# The page each message links to: an overview, never a page about a patient.
LINKS = {
    "staff_alert": "/desk/",
    "staff_handover": "/desk/",
    "staff_still": "/desk/",
    "staff_call_back": "/desk/",
    "staff_digest": "/desk/",
    "staff_gaps": "/desk/oncall/",
    "staff_oncall": "/desk/oncall/",
    "staff_watchdog": "/status/",
    "staff_watchdog_over": "/status/",
    "staff_watchdog_warning": "/status/",
    "operator_seals": "/status/",
    "staff_muted": "/desk/staff/",
    "staff_setting_outside": "/desk/rules/settings/",
    "staff_long_work": "/desk/jobs/",
    "contact_code": "/desk/me/contacts/",
    "contact_test": "/desk/me/contacts/",
    "patient_reminder": "/today/",
    "patient_ask": "/today/",
    "patient_call": "/today/",
    "care_message": "/today/",
    "phone_test": "/my/reminders/",
    "helper_alert": "/today/",
    "helper_unanswered": "/today/",
    "helper_turn": "/my/turn/",
}


@dataclass(frozen=True)
class Text:
    """A message as it goes out. Channels without a subject send the body alone."""

    subject: str
    body: str


def _push(message: str, context: Mapping[str, Any], link: str) -> Text:
    """A push note as JSON: fixed words, the alert's code, the page a tap opens, and ttl in seconds."""
    subject = " ".join(render_to_string(f"messages/{message}/subject.txt", {}).split())
    code = f" ({context['code']})" if context.get("code") else ""
    note = {
        "body": _("Please open.") if not code else f"Please open{code}.",
        "url": (_alert_link(context) or link).removeprefix(settings.BASE_URL),
        "ttl": context.get("ttl", 1800),
    }
    return Text(subject, json.dumps(note))


def _webhook(message: str, context: Mapping[str, Any], link: str) -> Text:
    """A webhook's body as JSON: the event's name, its time, ids and a link; no tier, no sign, no person."""
    ids = {name: context[name] for name in ("alert", "clinic") if context.get(name)}
    data = {**ids, "link": _alert_link(context) or link}
    return Text("", json.dumps({"type": context["type"], "timestamp": context["at"], "data": data}))


def _alert_link(context: Mapping[str, Any]) -> str:
    return f"{settings.BASE_URL}/desk/alerts/{context['alert']}/" if context.get("alert") else ""


def _call(message: str, context: Mapping[str, Any], link: str) -> Text:
    """The page that the provider asks what to say when somebody picks up; no word leaves before that."""
    return Text("", PATIENT_PAGE if message == ASK_BY_CALL else STAFF_PAGE)


AS_JSON = {"push": _push, "webhook": _webhook, "call": _call}


def render(message: str, context: Mapping[str, Any], channel: str = "", language: str = ENGLISH) -> Text:
    """The text of a message from templates/messages/<message>/. KeyError for an unknown message.

    The subject is one line. A channel may have a body of its own, such as sms.txt. language: the reader's.
    """
    with override(language):
        return _render(message, context, channel)


def _render(message: str, context: Mapping[str, Any], channel: str) -> Text:
    if channel in AS_JSON:
        return AS_JSON[channel](message, context, f"{settings.BASE_URL}{LINKS.get(message, '/desk/')}")
    values = {**context, "link": f"{settings.BASE_URL}{LINKS[message]}"}
    if "nonce" in context:
        values["code"] = code_from(context["nonce"])
    subject = render_to_string(f"messages/{message}/subject.txt", values)
    bodies = [f"messages/{message}/{name}.txt" for name in (channel, "body") if name]
    body = select_template(bodies).render(values)
    return Text(" ".join(subject.split()), body.strip() + "\n")
