"""Whose log, whose number, a late log and an unread note: without a barrier, on a phone and on a desk."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from patients.models import Caregiver, Patient, Procedure
from recovery.desk.worklist import unread_words
from recovery.logs.read import read_log
from recovery.logs.submit import submit_log
from tests.browser.barriers import of_a_patient as violations
from tests.browser.desk import DESK, PHONE, too_wide
from tests.browser.phone import phone, tap
from tests.people import Cast, cast, make_patient, make_procedure
from tests.recovery.conftest import BREATHLESS, CALM

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(transactional_db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """A helper of two; a patient with an old number, a note nobody has read, and an emergency told late."""
    settings.STAFF_SECOND_FACTOR = False
    monkeypatch.setattr(unread_words, "KEPT_SECONDS", -1.0)
    cache.clear()
    found, now = cast(), timezone.now()
    Procedure.objects.update(ended_at=now - timedelta(days=9))
    found.procedure.refresh_from_db()
    Patient.all_clinics.filter(pk=found.patient.pk).update(phone="+13125550177")
    second = make_patient(found.clinic, "Walter", last_name="Twin")
    make_procedure(second)
    Caregiver.objects.create(patient=second, user=found.helper.user, relationship="daughter")
    log(found, now - timedelta(hours=5), notes="My tongue tastes of metal.")
    return found


def log(people: Cast, now: datetime, answered_at: datetime | None = None, **changes: Any) -> None:
    submit_log(
        read_log(
            patient=people.patient,
            procedure=people.procedure,
            entered_by=people.patient.user,
            answers={**CALM, **changes},
            client_id=uuid.uuid4(),
            answered_at=answered_at or now,
            now=now,
        )
    )


def clear(page: Page) -> None:
    """Nothing in anybody's way, nothing wider than the screen."""
    assert violations(page) == []
    assert too_wide(page) == 0


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_a_patient_answers_about_their_number_and_sees_their_name(
    browser: Browser, live_server: LiveServer, people: Cast, size: dict[str, int]
) -> None:
    with phone(browser, live_server.url, people.patient.user, viewport=size) as page:
        page.goto("/log/")
        expect(page.get_by_text("About Rosa R.")).to_be_visible()
        clear(page)
        page.goto("/today/")
        page.get_by_role("heading", name="Is this still your number?").click()
        clear(page)
        page.get_by_role("button", name="No", exact=True).press("Enter")
        expect(page.get_by_role("heading", name="Your clinic needs your number")).to_be_visible()
        clear(page)


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_a_helper_of_two_sees_whose_log_it_is_and_goes_to_the_other(
    browser: Browser, live_server: LiveServer, people: Cast, size: dict[str, int]
) -> None:
    with phone(browser, live_server.url, people.helper.user, viewport=size) as page:
        page.goto("/today/")
        page.get_by_role("button", name="Rosa Recovers").click()
        page.goto("/log/")
        clear(page)
        tap(page, "em_gate", "none")
        page.get_by_role("link", name="Someone else?").press("Enter")
        page.get_by_role("button", name="Walter Twin").click()
        page.goto("/log/")
        expect(page.get_by_text("About Walter T.")).to_be_visible()


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_a_nurse_sees_what_is_unread_what_came_late_and_whose_number_is_old(
    browser: Browser, live_server: LiveServer, people: Cast, size: dict[str, int]
) -> None:
    now = timezone.now()
    with phone(browser, live_server.url, people.nurse.user, viewport=size) as page:
        page.goto("/desk/")
        expect(page.get_by_text("A note has waited 5 h for a reader.")).to_be_visible()
        clear(page)
        log(people, now, answered_at=now - timedelta(days=3), **BREATHLESS)
        page.locator(".waits-long").get_by_role("link", name="Rosa Recovers").click()
        expect(page.get_by_text("Never confirmed by the patient.")).to_be_visible()
        expect(page.get_by_text("Ask how it is now.")).to_be_visible()
        assert too_wide(page) == 0
        page.goto("/desk/")
        expect(page.locator(".waits-long")).to_have_count(0)
