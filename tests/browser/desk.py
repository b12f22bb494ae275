"""A nurse's screen: 1280 by 800, signed in, and unforgiving about what the policy refuses."""

import uuid
from typing import Any

from django.utils import timezone
from playwright.sync_api import Page

from alerts.models import Alert
from patients.models import Patient, Procedure
from recovery.logs.read import read_log
from recovery.logs.submit import submit_log
from tests.browser.barriers import violations
from tests.recovery.conftest import CALM

__all__ = ["DESK", "PHONE", "ZOOMED", "log_now", "too_wide", "violations"]

DESK = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
ZOOMED = {"width": 640, "height": 400}  # 1280 by 800 at 200 %


def too_wide(page: Page) -> int:
    """How many pixels the page is wider than the screen."""
    wide: int = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return max(wide, 0)


def log_now(patient: Patient, procedure: Procedure, **changes: Any) -> Alert | None:
    """A calm log with some answers changed, through submit_log; the alert it belongs to."""
    assert patient.user
    now = timezone.now()
    sent = submit_log(
        read_log(
            patient=patient,
            procedure=procedure,
            entered_by=patient.user,
            answers={**CALM, **changes},
            client_id=uuid.uuid4(),
            answered_at=now,
            now=now,
        )
    )
    return sent.assessment.alert if sent.assessment else None
