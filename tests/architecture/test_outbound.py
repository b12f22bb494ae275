"""What opens a line to another machine: named modules, each for one place that hosts.py lists."""

import ast

from ops.up import ROOT
from tests.architecture.product_code import nodes_of, text_of

APPS = ("alerts", "patients", "recovery", "config", "ops", "simulator")
# Libraries that can open one; "socket" and "asyncio" by what is called of them.
LIBRARIES = (
    *("http.client", "urllib.request", "urllib3", "requests", "httpx", "aiohttp", "websockets", "smtplib"),
    *("ftplib", "imaplib", "poplib", "xmlrpc", "logging.handlers", "django.core.mail", "paramiko", "twilio"),
    "pywebpush",
)
CALLS = ("create_connection", "open_connection", "getaddrinfo", "connect_ex", "urlopen", "build_opener")
WHO = {
    "alerts/messaging/channels/safe_http.py": "webhooks and push: whatever is on the list",
    "alerts/messaging/channels/twilio.py": "SMS_API_URL, WATCHDOG_SMS_API_URL",
    "alerts/messaging/channels/email.py": "EMAIL_URL",
    "alerts/messaging/channels/smtp.py": "EMAIL_URL, WATCHDOG_SMTP_URL",
    "alerts/monitoring/second_route.py": "EMAIL_URL, WATCHDOG_SMTP_URL",
    "alerts/monitoring/watchdog.py": "OUTSIDE_HEARTBEAT_URL",
    "alerts/monitoring/trail_out.py": "TRAIL_SYSLOG_URL",
    "recovery/canary/door.py": "CANARY_URL, BASE_URL",
    "patients/sign_in/adapters.py": "EMAIL_URL",
    "patients/reaching/letter_sending.py": "EMAIL_URL",
    "patients/values/provider_codes.py": "reads what a mail server answered",
    "simulator/callbacks.py": "a simulator, for work on the code",
    "ops/embedded.py": "this machine alone: the engines of bin/up",
    "ops/up.py": "this machine alone",
    "ops/hints.py": "the database and the broker, to say why they are not reached",
    "ops/front.py": "the inside of the front door",
}


def opens(text: str) -> bool:
    """Does this module import a library that opens lines, or call what does?"""
    for node in nodes_of(text):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [one.name for one in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [str(node.module), *(f"{node.module}.{one.name}" for one in node.names)]
        if any(name == one or name.startswith(f"{one}.") for name in names for one in LIBRARIES):
            return True
        if isinstance(node, ast.Attribute | ast.Name) and getattr(node, "attr", getattr(node, "id", "")) in CALLS:
            return True
    return False


def test_no_other_module_opens_a_line_to_the_outside() -> None:
    found = {
        str(path.relative_to(ROOT)) for app in APPS for path in (ROOT / app).rglob("*.py") if opens(text_of(path))
    }
    assert found == set(WHO)


def test_a_new_way_out_is_seen() -> None:
    for text in ("import requests", "from urllib import request", "import http.client as c"):
        assert opens(text), text
    assert opens("s.create_connection(a)")
    assert not opens("from urllib.parse import urlsplit\nimport socket")
