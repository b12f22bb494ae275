"""A real clinic begins with one command."""

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from alerts.models import EscalationPolicy
from patients.models import Clinic, Staff

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
