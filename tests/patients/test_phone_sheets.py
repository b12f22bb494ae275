"""The style of the phone's pages: inside the first ones, then by its name; inside the log that a phone keeps."""

import re

import pytest
from django.conf import settings
from django.test import Client

from patients import phone_sheets
from tests.people import Cast
from tests.recovery.phone import user_of

pytestmark = pytest.mark.django_db
SIGN_IN, WORKER, SHELL = "/accounts/login/", "/sw.js", "/log/shell/"
TEXT = "body{margin:0}"


@pytest.fixture(autouse=True)
def collected(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sheets as a collected installation has them."""
    monkeypatch.setattr(phone_sheets, "text", lambda name: TEXT)
    monkeypatch.setattr(phone_sheets, "mark", lambda: "0a1b.2c3d")


def head_of(client: Client, path: str) -> tuple[str, str]:
    answer = client.get(path)
    return answer.content.decode().partition("</head>")[0], answer["Content-Security-Policy"]


def test_a_first_page_has_its_style_inside_and_the_policy_lets_in_this_one(client: Client) -> None:
    head, policy = head_of(client, SIGN_IN)
    numbers = set(re.findall(r'<style nonce="([^"]+)">' + re.escape(TEXT), head))
    assert len(numbers) == 1
    assert f"style-src 'self' 'nonce-{numbers.pop()}'" in policy
    assert 'rel="stylesheet"' not in head
    assert re.findall(r'nonce="([^"]+)"', head) != re.findall(r'nonce="([^"]+)"', head_of(client, SIGN_IN)[0])


def test_a_phone_that_keeps_the_sheets_gets_their_names(client: Client) -> None:
    client.get(WORKER)
    cookie = client.cookies[settings.SHEETS_COOKIE_NAME]
    assert (cookie.value, cookie["httponly"], cookie["samesite"]) == ("0a1b.2c3d", True, "Lax")
    head, policy = head_of(client, SIGN_IN)
    assert "<style" not in head
    assert 'rel="stylesheet"' in head
    assert "nonce" not in policy


def test_a_phone_with_the_sheets_of_an_older_version_gets_the_new_ones_inside(client: Client) -> None:
    client.cookies[settings.SHEETS_COOKIE_NAME] = "ffff.eeee"
    assert TEXT in head_of(client, SIGN_IN)[0]


def test_the_log_that_the_phone_keeps_has_its_style_inside(client: Client, people: Cast) -> None:
    client.force_login(user_of(people.patient))
    client.get(WORKER)
    assert TEXT in head_of(client, SHELL)[0]
    assert TEXT not in head_of(client, "/log/")[0]
