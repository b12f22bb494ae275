"""The watchdog's own route to people: its own mail server, text account and program, and a file of contacts.

Only refresh_contacts needs the database. The messages carry no health data and no names.
"""

import json
import logging
import os
import shlex
import subprocess
import tempfile
import time
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import Exists, F, OuterRef, Q, Window
from django.db.models.functions import RowNumber
from django.utils.module_loading import import_string

from alerts.messaging.channels.sms import SmsBackend
from alerts.messaging.channels.twilio import Account, Twilio
from alerts.messaging.message_texts import Text, render
from alerts.models import OnCallShift
from patients.models import ContactMethod, Staff
from patients.permissions import Permission, roles_with

CALL_SECONDS = 10
# The time for all messages of one kind. People left over come first the next time.
ALL_SECONDS = 30
OUR_SMTP = "alerts.messaging.channels.smtp.EmailBackend"
MOST_CONTACTS = 200
EMAILS, PHONES = "emails", "phones"
_MAIL_NAMES = {
    "EMAIL_HOST": "host",
    "EMAIL_PORT": "port",
    "EMAIL_HOST_USER": "username",
    "EMAIL_HOST_PASSWORD": "password",
    "EMAIL_USE_TLS": "use_tls",
    "EMAIL_USE_SSL": "use_ssl",
    "EMAIL_FILE_PATH": "file_path",
}
log_lines = logging.getLogger(__name__)


def missing() -> list[str]:
    """The missing settings without which no person may be told; empty in a demo, which tells no one."""
    if settings.DEMO:
        return []
    own_way = settings.WATCHDOG_MAIL or settings.WATCHDOG_SMS_ACCOUNT or settings.WATCHDOG_COMMAND
    nobody = not (settings.WATCHDOG_EMAIL or settings.WATCHDOG_PHONE or settings.WATCHDOG_COMMAND)
    return [*(["WATCHDOG_EMAIL"] if nobody else []), *([] if own_way else ["WATCHDOG_SMTP_URL"])]


# --- The contacts ---


def refresh_contacts(now: datetime) -> None:
    """Write the contact file for times without the database: the staff on call now, and the managers.

    It holds at most MOST_CONTACTS people; a warning in the log names how many are left out.
    """
    on_call = OnCallShift.objects.filter(starts_at__lte=now, ends_at__gt=now)
    working = Staff.objects.filter(active=True, user__is_active=True, clinic__is_canary=False)
    told = Q(role__in=roles_with(Permission.HEAR_OF_FAULTS))
    people = working.filter(told | Q(pk__in=on_call.values("staff_id")))
    # Staff on call come first, then one manager of each clinic in turn, so that no clinic takes all places.
    turn = Window(RowNumber(), partition_by=[F("clinic_id")], order_by=[F("id")])
    ranked = people.annotate(off=~Exists(on_call.filter(staff=OuterRef("pk"))), turn=turn)
    users = dict(ranked.order_by("off", "turn", "id").values_list("user_id", "user__email")[:MOST_CONTACTS])
    if (left_out := people.count() - MOST_CONTACTS) > 0:
        log_lines.warning("%s more people are not in the contact file: set WATCHDOG_EMAIL to a group", left_out)
    mobiles = ContactMethod.objects.filter(user_id__in=users, kind=ContactMethod.Kind.SMS)
    place = {user: number for number, user in enumerate(users)}
    phones = [row.address for row in sorted(mobiles, key=lambda row: place[row.user_id]) if row.is_usable]
    # People are told in this order. Those for whom the time runs out come first the next time.
    _write({EMAILS: [*dict.fromkeys(filter(None, users.values()))], PHONES: [*dict.fromkeys(phones)]})


def contact_file() -> Path:
    """The path of the contact file."""
    return Path(settings.WATCHDOG_CONTACT_FILE or settings.DATA_DIR / "watchdog-contacts.json")


def contacts() -> dict[str, list[str]]:
    """The addresses to tell: the operators from settings first, then those of the file, each once."""
    try:
        known = json.loads(contact_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        known = {}
    if not isinstance(known, dict):
        known = {}
    operators = {EMAILS: _listed(settings.WATCHDOG_EMAIL), PHONES: _listed(settings.WATCHDOG_PHONE)}
    return {kind: list(dict.fromkeys([*first, *_strings(known.get(kind))])) for kind, first in operators.items()}


def _strings(value: Any) -> list[str]:
    return [item for item in value if isinstance(item, str)][:MOST_CONTACTS] if isinstance(value, list) else []


def _listed(setting: str) -> list[str]:
    return [part.strip() for part in setting.split(",") if part.strip()]


def _write(known: Mapping[str, list[str]]) -> None:
    """Replace the file in one step, readable for this user alone. An unchanged file stays."""
    place, text = contact_file(), json.dumps(known, indent=1) + "\n"
    try:
        if place.exists() and place.read_text(encoding="utf-8") == text:
            return
        place.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=place.parent, prefix=".contacts-")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).replace(place)
    except OSError as error:
        log_lines.error("the contact file cannot be written: %s", type(error).__name__)


# --- Sending ---


def tell(message: str, lines: Iterable[str], *, everybody: bool = True) -> bool:
    """Send a message by every way that is set up. Returns whether at least one took it, or none is set up.

    everybody: tell the people of the contact file too; otherwise only the operators.
    """
    context = {"broken": list(lines)}
    known = contacts() if everybody else {EMAILS: _listed(settings.WATCHDOG_EMAIL), PHONES: []}
    took = _mail(render(message, context), _in_turn(EMAILS, known[EMAILS]))
    short = render(message, context, "sms")
    took += _text(short, _in_turn(PHONES, known[PHONES]))
    return bool(took + _run(short)) or not any([*known.values(), _command()])


# The addresses for which the time ran out, by kind. They come first the next time.
_left: dict[str, list[str]] = {}


def _in_turn(kind: str, addresses: list[str]) -> list[str]:
    """Operators first, then those left out last time, so that a slow provider never leaves out the same people."""
    operators = _listed(settings.WATCHDOG_EMAIL if kind == EMAILS else settings.WATCHDOG_PHONE)
    late = [address for address in _left.pop(kind, []) if address in addresses]
    return list(dict.fromkeys([*operators, *late, *addresses])) if late else addresses


def _leave(kind: str, addresses: list[str]) -> None:
    _left[kind] = addresses
    log_lines.warning("the second route had no time for %s more by %s: told first next time", len(addresses), kind)


def _mail(text: Text, addresses: list[str]) -> int:
    """Send one e-mail per address, so that no reader sees the others. Returns how many were taken."""
    took, until = 0, time.monotonic() + ALL_SECONDS
    for place, address in enumerate(addresses):
        if time.monotonic() > until:
            _leave(EMAILS, addresses[place:])
            break
        try:
            took += _mailer().send_messages([EmailMessage(text.subject, text.body, to=[address])]) or 0
        except Exception as error:
            log_lines.error("the second route failed by e-mail: %s", type(error).__name__)
    return took


def _mailer() -> BaseEmailBackend:
    """The watchdog's own mail server, else that of all other messages. Both have a time limit."""
    own = {} if settings.DEMO else settings.WATCHDOG_MAIL
    options: dict[str, Any] = {_MAIL_NAMES[name]: value for name, value in own.items() if name in _MAIL_NAMES}
    backend = own.get("EMAIL_BACKEND")
    if backend and backend.endswith(".smtp.EmailBackend"):
        backend, options["timeout"] = OUR_SMTP, settings.SEND_SECONDS
    return get_connection(backend, **options)


def _text(text: Text, numbers: list[str]) -> int:
    """Send one text per number, by the watchdog's own account or that of all other messages.

    Returns how many were taken.
    """
    took, until = 0, time.monotonic() + ALL_SECONDS
    for place, number in enumerate(numbers):
        if time.monotonic() > until:
            _leave(PHONES, numbers[place:])
            break
        try:
            _sms_backend().send(number, text.body, key=f"watchdog:{os.urandom(8).hex()}")
            took += 1
        except Exception as error:
            log_lines.error("the second route failed by text message: %s", type(error).__name__)
    return took


def _sms_backend() -> SmsBackend:
    if settings.WATCHDOG_SMS_ACCOUNT and not settings.DEMO:
        own = (settings.WATCHDOG_SMS_TOKEN, settings.WATCHDOG_SMS_FROM, settings.WATCHDOG_SMS_API_URL)
        return Twilio(Account(settings.WATCHDOG_SMS_ACCOUNT, *own, receipts=False))
    backend: SmsBackend = import_string(settings.SMS_BACKEND)()
    return backend


def _command() -> str:
    """The program to run; none in a demo, because we cannot know what it does."""
    return "" if settings.DEMO else settings.WATCHDOG_COMMAND


def _run(text: Text) -> int:
    if not _command():
        return 0
    try:
        argv = shlex.split(_command())
        done = subprocess.run(argv, input=text.body, text=True, timeout=CALL_SECONDS, check=False)  # noqa: S603
        return int(done.returncode == 0)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        log_lines.error("the second route failed by program: %s", type(error).__name__)
        return 0
