"""A server that is not on this installation's list is not called, and people are told what to do."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from alerts.messaging.channels import safe_http
from alerts.messaging.channels.hosts import NamedBy, is_listed
from alerts.messaging.channels.safe_http import NotListed, check
from alerts.models import Delivery, WebhookEndpoint
from alerts.monitoring.sweep import sweep
from patients.models import ContactMethod
from tests.alerts.steps import FEVER, raise_for
from tests.alerts.subscriber import Subscriber
from tests.architecture.rows import webhook
from tests.patients.pages import signed_in, text
from tests.people import Cast

PUBLIC = "93.184.215.14"
ELSEWHERE = "https://hooks.elsewhere.example/in"


@pytest.fixture
def asked(settings: Any, monkeypatch: Any) -> list[str]:
    """With a list; every name that is looked up."""
    settings.OUTBOUND_HOSTS = ["hooks.example.org", "*.example.net"]
    names: list[str] = []

    def look_up(host: str, port: int) -> list[str]:
        names.append(host)
        return [PUBLIC]

    monkeypatch.setattr(safe_http, "look_up", look_up)
    return names


@pytest.mark.parametrize(
    "host", ["elsewhere.example", "example.net", "hooks.example.org.evil.example", "xhooks.example.org", PUBLIC]
)
def test_a_server_that_is_not_on_the_list_is_not_even_looked_up(asked: list[str], host: str) -> None:
    with pytest.raises(NotListed, match=rf"add {host} to OUTBOUND_HOSTS"):
        check(f"https://{host}/in")
    assert asked == []


def test_a_server_on_the_list_is_called_however_its_name_is_written(asked: list[str]) -> None:
    for host in ("hooks.example.org", "HOOKS.example.org.", "a.example.net", "a.b.example.net"):
        assert check(f"https://{host}/in").number == PUBLIC


def test_without_a_list_managers_decide_and_browsers_do_not(asked: list[str], settings: Any) -> None:
    settings.OUTBOUND_HOSTS = []
    assert check(ELSEWHERE).host == "hooks.elsewhere.example"
    with pytest.raises(NotListed):
        check(ELSEWHERE, named_by=NamedBy.BROWSER)


def test_a_browser_names_its_makers_service_or_nothing(settings: Any) -> None:
    settings.OUTBOUND_HOSTS = ["push.example.org"]
    for host in (
        *("fcm.googleapis.com", "updates.push.services.mozilla.com", "web.push.apple.com"),
        *("wns2-par02p.notify.windows.com", "push.example.org"),
    ):
        assert is_listed(host, NamedBy.BROWSER), host
    for host in ("storage.googleapis.com", "evil-push.apple.com", "fcm.googleapis.com.example.org"):
        assert not is_listed(host, NamedBy.BROWSER), host
    assert not is_listed("fcm.googleapis.com", NamedBy.MANAGER)


def test_a_manager_is_told_whom_to_ask_and_keeps_what_was_typed(people: Cast, asked: list[str]) -> None:
    typed = {"action": "add", "description": "Pager", "url": ELSEWHERE}
    page = text(signed_in(people.manager).post("/desk/webhooks/", typed, follow=True))
    assert "Ask your administrator to add hooks.elsewhere.example to OUTBOUND_HOSTS" in page
    assert f'value="{ELSEWHERE}"' in page
    assert not WebhookEndpoint.objects.exists()


def test_a_nurse_with_another_browser_is_told_whom_to_ask(people: Cast, asked: list[str], settings: Any) -> None:
    settings.VAPID_PRIVATE_KEY = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
    browser = Subscriber("https://push.elsewhere.example/a")
    typed = {"action": "device_add", "endpoint": browser.endpoint, "label": "Own", **browser.keys}
    page = text(signed_in(people.nurse).post("/desk/me/contacts/", typed, follow=True))
    assert "add push.elsewhere.example to OUTBOUND_HOSTS" in page
    assert not ContactMethod.objects.exists()


def test_a_webhook_of_before_the_list_gets_nothing_and_the_command_says_so(people: Cast, asked: list[str]) -> None:
    webhook(people, url=ELSEWHERE)
    raise_for(people.patient, FEVER, now=timezone.now())
    sweep()
    row = Delivery.objects.get(channel="webhook")
    assert (row.state, row.attempts, asked) == ("dead", 1, [])
    assert "OUTBOUND_HOSTS" in row.error
    out = StringIO()
    call_command("outbound_hosts", stdout=out)
    assert "hooks.elsewhere.example\ta webhook that is refused" in out.getvalue()
    assert "fcm.googleapis.com\tpush services" in out.getvalue()
