"""A patient two days after the procedure, and the calm log most tests start from."""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.utils import timezone

from recovery.logs.read import read_log
from recovery.logs.submit import Submission, submit_log
from tests.people import Cast, cast

CALM: dict[str, Any] = {
    "em_gate": "none",
    "nerve_gate": "none",
    "site_gate": "none",
    "fever_feel": "no",
    "pain_move": 2,
    "pain_rest": 1,
    "pain_site": 1,
    "site_pain_change": "less",
    "back_change": "better",
    "walk_level": "house",
    "mobility_change": "same",
    "activities": ["rest"],
    "pain_meds": ["none"],
}
NUMB = {"nerve_gate": "some", "numb": "yes", "numb_where": ["legs"], "numb_change": "new"}
BREATHLESS = {"em_gate": "some", "em_breath": "some"}

Send = Callable[..., Submission]


@pytest.fixture
def people(db: None) -> Cast:
    return cast()


@pytest.fixture
def send(people: Cast) -> Send:
    """Submit a calm log of the patient with some answers changed."""

    def submit(changes: dict[str, Any] | None = None, *, now: datetime | None = None, **more: Any) -> Submission:
        now = now or timezone.now()
        assert people.patient.user
        given = {
            "patient": people.patient,
            "procedure": people.procedure,
            "entered_by": people.patient.user,
            "client_id": uuid.uuid4(),
            "answered_at": now,
            "answers": {**CALM, **(changes or {})},
        }
        return submit_log(read_log(now=now, **{**given, **more}))

    return submit
