"""What leaves us in headers, cookies and links, whatever name a request was sent to."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client

from alerts.messaging.channels.twilio import signature
from ops.up import ROOT
from tests.people import cast
from tests.waiting import until

NAMES = "SESSION_COOKIE_NAME CSRF_COOKIE_NAME KNOWN_BROWSER_COOKIE SESSION_COOKIE_SECURE CSRF_COOKIE_SECURE"


def cookies(**environment: str) -> dict[str, Any]:
    """The settings of cookies, as a process of that environment reads them."""
    names = f"[getattr(settings, name) for name in '{NAMES}'.split()]"
    code = f"import json\nfrom config import settings\nprint(json.dumps({names}))"
    told = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "DEMO": "0", **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(zip(NAMES.split(), json.loads(told.stdout), strict=True))


@pytest.mark.parametrize("https", ["0", "1"])
def test_cookies_belong_to_this_host_alone_where_browsers_come_by_tls(https: str) -> None:
    found = cookies(BASE_URL="https://recovery.example.org", HTTPS=https)
    names = [found.pop(name) for name in NAMES.split()[:3]]
    assert names == ["__Host-sessionid", "__Host-csrftoken", "__Host-kypho_known"]
    assert set(found.values()) == {True}


def test_plain_http_on_a_local_network_keeps_cookies_that_browsers_keep() -> None:
    found = cookies(BASE_URL="http://192.168.1.20:8000", HTTPS="0")
    assert found["SESSION_COOKIE_NAME"] == "sessionid"
    assert not found["SESSION_COOKIE_SECURE"]


@pytest.mark.django_db
def test_a_link_to_choose_a_password_leads_to_our_own_address(settings: Any, mailoutbox: list[Any]) -> None:
    settings.BASE_URL, settings.ALLOWED_HOSTS = "https://recovery.example.org", ["*"]
    people = cast()
    email = {"email": people.nurse.user.email}
    Client().post("/accounts/password/reset/", email, headers={"Host": "evil.example"})
    assert until(lambda: len(mailoutbox) == 1)
    link = next(word for word in str(mailoutbox[0].body).split() if "://" in word)
    assert link.startswith("https://recovery.example.org/accounts/password/reset/key/")
    assert Client().get(link.removeprefix(settings.BASE_URL)).status_code == 302


@pytest.mark.django_db
def test_a_static_file_opened_by_itself_runs_nothing() -> None:
    answer = Client().get("/static/js/store.js")
    assert answer.status_code == 200
    assert answer["Content-Security-Policy"].startswith("default-src 'none';")


@pytest.mark.django_db
def test_what_we_answer_the_text_provider_says_its_letters(settings: Any) -> None:
    settings.SMS_TOKEN = "a token"  # noqa: S105 - made up
    fields = {"MessageSid": "SM1", "From": "+13125550199", "Body": "hello"}
    url = f"{django_settings.BASE_URL}/hooks/sms/reply/"
    signed = signature(url, list(fields.items()), settings.SMS_TOKEN)
    answer = Client().post("/hooks/sms/reply/", fields_sent(fields), FORM, headers={"X-Twilio-Signature": signed})
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/xml; charset=utf-8")


FORM = "application/x-www-form-urlencoded"


def fields_sent(fields: dict[str, str]) -> str:
    return "&".join(f"{name}={value.replace('+', '%2B')}" for name, value in fields.items())
