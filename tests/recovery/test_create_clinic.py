"""A real clinic begins with one command."""

import re
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client

from alerts.models import EscalationPolicy
from patients.models import Clinic, Staff
from tests.patients.pages import text

PASSWORD = "a-long-password-for-tests"
ORDER = {
    "name": "Maple Spine Center",
    "timezone": "America/Denver",
    "phone": "+13035550142",
    "manager_email": "Mia@maple.example",
    "manager_name": "Mia Stone",
}


@pytest.mark.django_db
def test_a_clinic_gets_its_policies_and_a_manager_who_can_set_a_password(capsys: pytest.CaptureFixture) -> None:
    call_command("create_clinic", **ORDER)
    clinic = Clinic.objects.get()
    manager = Staff.objects.get(clinic=clinic)
    assert (manager.role, manager.user.email) == ("manager", "mia@maple.example")
    assert EscalationPolicy.objects.filter(clinic=clinic).count() >= 2
    link = capsys.readouterr().out.split()[-1].removeprefix("http://testserver")
    page = Client().get(link, follow=True)
    assert page.status_code == 200
    assert b"password" in page.content.lower()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value"), [("timezone", "Mars/Olympus"), ("phone", "12"), ("manager_email", "not an address")]
)
def test_a_wrong_value_is_named_and_nothing_is_created(field: str, value: str) -> None:
    name = field.removeprefix("manager_")
    with pytest.raises(CommandError, match=name):
        call_command("create_clinic", **{**ORDER, field: value})
    assert not Clinic.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_the_first_manager_gets_from_the_printed_link_to_the_worklist(capsys: Any, settings: Any) -> None:
    """Password, second factor, worklist: the way everybody of the staff comes in, and the only one."""
    settings.STAFF_SECOND_FACTOR = True
    cache.clear()
    call_command("create_clinic", **ORDER)
    link = capsys.readouterr().out.split()[-1].removeprefix("http://testserver")
    client = Client()
    form = client.get(link, follow=True).redirect_chain[-1][0]
    client.post(form, {"password1": PASSWORD, "password2": PASSWORD})
    client.post("/accounts/login/", {"login": "mia@maple.example", "password": PASSWORD})
    assert client.get("/desk/").url == "/accounts/2fa/"
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = text(client.get("/accounts/2fa/totp/activate/", follow=True))
    secret = re.search(r"\b[A-Z2-7]{32}\b", page)
    assert secret, page
    counter = next(yield_hotp_counters_from_time())
    code = format_hotp_value(hotp_value(secret[0], counter))
    client.post("/accounts/2fa/totp/activate/", {"code": code})
    assert client.get("/desk/").status_code == 200
