"""What was stored and can not be read: the log is judged, the reason stands beside it, and somebody is told."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from alerts.models import AlertSign, Delivery
from patients.models import ClinicOverride, Procedure
from patients.services.lead import name_lead
from recovery.care_plan import refresh
from recovery.models import Assessment, ClinicSetting
from recovery.settings.clinic_config import config_for
from tests.patients.pages import signed_in, text
from tests.people import Cast
from tests.recovery.conftest import Send
from tests.recovery.desk import chart


@pytest.fixture(autouse=True)
def one_factor(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False


def stored(people: Cast, key: str, value: Any) -> None:
    """As an older version, or an import, left it."""
    long_ago = timezone.now() - timedelta(days=30)
    ClinicSetting.objects.create(
        clinic=people.clinic, key=key, value=value, loosens=False, reason="old", state=ClinicSetting.State.ACTIVE,
        effective_from=long_ago, proposed_by=people.manager, proposed_at=long_ago,
    )  # fmt: skip


@pytest.mark.parametrize("value", ["soon", "2026-02-30", {"a": 1}, 7])
def test_an_override_nobody_can_read_stops_no_log(people: Cast, send: Send, value: Any) -> None:
    """What was stored before the database had a rule for it, and not mended."""
    procedure = people.patient.procedures.get()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE patients_clinicoverride DROP CONSTRAINT an_override_is_inside_its_bounds")
    ClinicOverride.objects.create(
        procedure=procedure, key="heavy_cleared_on", value=value, staff=people.physician, reason="x",
        set_at=timezone.now(),
    )  # fmt: skip
    sent = send({"activities": ["lifted_heavy"]})
    assert sent.assessment is not None
    assert "RW-26" in [fired["id"] for fired in sent.assessment.fired]
    assert [told.split(": ")[0] for told in sent.assessment.problems] == ["clinic_overrides.heavy_cleared_on"]
    page = text(signed_in(people.nurse).get(chart(people.patient)))
    assert "Left out of this judgement" in page
    assert not Delivery.objects.filter(message="staff_setting_outside").exists()


def test_a_setting_out_of_its_bounds_is_the_default_and_the_lead_is_told_once_a_day(
    people: Cast, send: Send
) -> None:
    stored(people, "late_check_h", 504)
    name_lead(manager=people.manager, staff=people.physician, now=timezone.now())
    for _ in range(2):
        sent = send()
        assert sent.assessment is not None
        assert sent.assessment.problems == ["config.late_check_h: must be from 168 to 336"]
    assert config_for(people.clinic.pk, timezone.now()) == {}
    told = Delivery.objects.get(message="staff_setting_outside")
    assert told.recipient == f"staff:{people.physician.pk}"
    page = text(signed_in(people.manager).get("/desk/rules/settings/"))
    assert "the stored value is not within the bounds, so the default counts: 336 hours" in page


def test_without_a_lead_the_managers_are_told(people: Cast, send: Send) -> None:
    stored(people, "early_check_h", 90)
    send()
    assert Delivery.objects.get(message="staff_setting_outside").recipient == f"staff:{people.manager.pk}"


def test_a_silence_is_stored_as_a_log_is_with_what_could_not_be_read(people: Cast) -> None:
    """Facts to replay it, every field of what fired, and the problems; the lead is told."""
    stored(people, "late_check_h", 504)
    name_lead(manager=people.manager, staff=people.physician, now=timezone.now())
    Procedure.objects.update(ended_at=timezone.now() - timedelta(days=5))
    refresh.refresh_due(timezone.now())
    silence = Assessment.objects.get(log=None)
    assert silence.problems == ["config.late_check_h: must be from 168 to 336"]
    assert [set(fired) for fired in silence.fired] == [
        {"id", "tier", "reason", "message", "sources", "defaults", "er_now"}
    ] * len(silence.fired)
    assert not silence.er_now
    assert silence.facts["log_given"] is False
    assert AlertSign.objects.get(sign="RW-24").reason.startswith("No log for 120 h")
    assert Delivery.objects.filter(message="staff_setting_outside").exists()
