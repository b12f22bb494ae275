"""Checks the settings and says in plain sentences what is wrong; nothing starts until they are right.

For each mistake in .env the operator reads what to write instead. Without this check they would get a traceback,
or an error at night when the watchdog first needs the setting. A sentence never repeats a value, because some
values are secrets.
"""

import re
import shlex
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from alerts.messaging.webpush import read_private
from config.environment import data_keys
from ops.child import Failure
from ops.copies import age
from patients.vault.keys import NO_KEY, read_keys

ON_OR_OFF = ("1", "true", "yes", "on", "0", "false", "no", "off")
POSTGRESQL = ("postgresql", "postgres", "psql", "pgsql")
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
MAIL = {"smtp": True, "smtps": True, "smtp+tls": True, "smtp+ssl": True}
# For tests and for work on the code; they name no host.
MAIL |= dict.fromkeys(("consolemail", "filemail", "memorymail", "dummymail"), False)
ESCAPED = "In a password, @ : / ? # % are written %40 %3A %2F %3F %23 %25."
# Settings that need others to be set as well.
TOGETHER = {
    "SMS_ACCOUNT": ("SMS_TOKEN", "SMS_FROM"),
    "WATCHDOG_SMS_ACCOUNT": ("WATCHDOG_SMS_TOKEN", "WATCHDOG_SMS_FROM"),
    "WATCHDOG_SMS_TOKEN": ("WATCHDOG_SMS_ACCOUNT",),
    "WATCHDOG_SMS_FROM": ("WATCHDOG_SMS_ACCOUNT",),
}
# Returns what is wrong with one value; empty when it is right.
Check = Callable[[str], str]


def wrong_settings(said: Mapping[str, str]) -> list[str]:
    """Return one sentence for each mistake. An empty setting counts as not set."""
    found = []
    for name, check in CHECKS.items():
        words = check(said[name]) if said.get(name) else ""
        found += [f"{name} {words}"] if words else []
    for name, needed in TOGETHER.items():
        missing = [other for other in needed if said.get(name) and not said.get(other)]
        found += [f"{name} is set: {' and '.join(missing)} must be set too."] if missing else []
    return found


def _switch(value: str) -> str:
    return "" if value.lower() in ON_OR_OFF else "is on or off: write 1 or 0."


def _number(least: int, value: str) -> str:
    good = re.fullmatch(r"\d{1,9}", value) and int(value) >= least
    return "" if good else f"is a whole number, {least} or more."


def _one_of(known: Iterable[str], value: str) -> str:
    return "" if value in known else f"is one of {', '.join(known)}."


def _like(pattern: str, words: str, value: str) -> str:
    return "" if re.fullmatch(pattern, value) else words


def _each(check: Check, value: str) -> str:
    """Check each part of a list with commas between; returns the first mistake, or empty text."""
    return next(filter(None, (check(part.strip()) for part in value.split(",") if part.strip())), "")


def _parts(value: str) -> SplitResult | None:
    try:
        parts = urlsplit(value)
        return parts if parts.port != 0 else None
    except ValueError:  # the port is not a number, or the IPv6 address is incomplete
        return None


def _web(value: str) -> str:
    parts = _parts(value)
    good = parts and parts.scheme in ("http", "https") and parts.hostname and not re.search(r"\s", value)
    return "" if good else "is no address: write it as https://recovery.example.org."


def _origin(value: str) -> str:
    parts = _parts(value)
    good = parts and not _web(value) and parts.path in ("", "/")
    return "" if good else "is a list of origins: write them as https://recovery.example.org, comma between."


def _database(value: str) -> str:
    parts = _parts(value)
    if parts and parts.scheme in POSTGRESQL and parts.path.strip("/"):
        return ""
    return f"is no address of PostgreSQL: write postgresql://user:password@host:5432/name. {ESCAPED}"


def _broker(value: str) -> str:
    parts = _parts(value)
    if parts and parts.scheme in ("redis", "rediss") and parts.hostname:
        return ""
    return f"is no address of Valkey or Redis: write redis://:password@host:6379/0. {ESCAPED}"


def _mail_server(value: str) -> str:
    parts = _parts(value)
    if parts and parts.scheme in MAIL and (parts.hostname or not MAIL[parts.scheme]):
        return ""
    return f"is no address of a mail server: write smtp+tls://user:password@host:587. {ESCAPED}"


def _syslog(value: str) -> str:
    parts = _parts(value)
    good = parts and parts.scheme == "syslog+tls" and parts.hostname
    return "" if good else "is no address of a syslog server: write syslog+tls://logs.example.org:6514."


def _readable(value: str) -> str:
    return "" if Path(value).is_file() else "names no file that can be read: write its whole path."


def _push_key(value: str) -> str:
    try:
        read_private(value)
    except ValueError:
        return "is no key for push: bin/manage make_vapid_key prints one."
    return ""


def _public_keys(value: str) -> str:
    try:
        age.recipients(value)
    except Failure:
        return "is a list of public keys, age1… or ssh-…, comma between: bin/manage backup --new-key makes one."
    return ""


def _data_keys(text: str) -> str:
    try:
        return "" if read_keys(data_keys(text)) else NO_KEY
    except ValueError:
        return NO_KEY


def _program(value: str) -> str:
    try:
        argv = shlex.split(value)
    except ValueError:
        return "has a quotation mark that is never closed."
    found = argv and shutil.which(argv[0])
    return "" if found else "names no program that can be run here: write its whole path, and make it executable."


def _checks() -> Iterator[tuple[Iterable[str], Check]]:
    short = "is too short to be secret: .env.example says how to make one; SECRET_KEY_FALLBACKS keeps the old one."
    yield ("SECRET_KEY",), partial(_like, r"(?s).{32,}", short)
    yield ("DATA_KEYS",), _data_keys
    switches = ("HTTPS", "DEBUG", "DEMO", "PLAIN_STATIC", "STAFF_SECOND_FACTOR", "OUTBOUND_LOOPBACK", "CANARY")
    yield switches, _switch
    yield (
        ("DB_CONN_MAX_AGE", "TRUSTED_PROXY_COUNT", "BACKUP_KEEP_DAYS", "BACKUP_WITHIN_HOURS"),
        partial(_number, 0),
    )
    yield ("BACKUP_RECIPIENTS",), _public_keys
    yield ("STAFF_IDLE_MINUTES", "DEMO_PATIENTS"), partial(_number, 1)
    yield ("DATABASE_URL",), _database
    yield ("REDIS_URL",), _broker
    yield ("EMAIL_URL", "WATCHDOG_SMTP_URL"), _mail_server
    yield ("BASE_URL", "CANARY_URL", "OUTSIDE_HEARTBEAT_URL", "SMS_API_URL", "WATCHDOG_SMS_API_URL"), _web
    yield ("CSRF_TRUSTED_ORIGINS",), partial(_each, _origin)
    hosts = "is a list of names: write recovery.example.org, without https:// and without a port."
    yield ("ALLOWED_HOSTS",), partial(_each, partial(_like, r"\*|\.?[\w.-]+|\[[\w:.]+\]", hosts))
    servers = "is a list of servers: write hooks.example.org,*.example.org, without https:// and without a port."
    yield ("OUTBOUND_HOSTS",), partial(_each, partial(_like, r"(?i)(\*\.)?[a-z\d-]+(\.[a-z\d-]+)+", servers))
    yield ("LOG_LEVEL",), partial(_one_of, LEVELS)
    yield ("DB_STATEMENT_TIMEOUT",), partial(_like, r"\d{1,9} ?(ms|s|min)?", "is a time such as 15s.")
    yield ("VAPID_PRIVATE_KEY",), _push_key
    subject = "is an address push services may write to: mailto:you@example.org."
    yield ("VAPID_SUBJECT",), partial(_like, r"mailto:\S+@\S+|https://\S+", subject)
    mailbox = partial(_like, r"[^\s@]+@[^\s@]+", "is an e-mail address, or several with a comma between.")
    yield ("WATCHDOG_EMAIL",), partial(_each, mailbox)
    yield ("CANARY_EMAIL", "SEALS_EMAIL"), partial(_like, r"[^\s@]+@[^\s@]+", "is one e-mail address.")
    number = partial(_like, r"\+\d{8,15}", "is a number such as +13125550100, or several with a comma between.")
    yield ("WATCHDOG_PHONE",), partial(_each, number)
    yield ("WATCHDOG_COMMAND",), _program
    yield ("TRAIL_SYSLOG_URL",), _syslog
    yield ("TRAIL_SYSLOG_CA",), _readable


CHECKS = {name: check for names, check in _checks() for name in names}
