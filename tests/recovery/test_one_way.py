"""A log goes one way, by whichever door it comes: read, check, store, judge, tell, and never a step back."""

import json
import sys
import uuid
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from patients.models import Patient, User
from recovery import logs
from recovery.logs.texts import take_text
from recovery.models import Assessment, DailyLog
from tests.patients.pages import signed_in
from tests.people import Cast
from tests.recovery.conftest import CALM, NUMB
from tests.recovery.phone import user_of
from tests.recovery.test_sealed_logs import Phone

STEPS = ("read", "check", "store", "judge", "tell")
FILES = {str(Path(logs.__file__).with_name(f"{step}.py")): step for step in STEPS}
NUMBER = "+13125550177"
Way = Callable[[dict[str, Any]], Any]


@pytest.fixture
def ways(people: Cast, client: Client, settings: Any) -> dict[str, Way]:
    """Every door, each with how to send some answers by it."""
    settings.STAFF_SECOND_FACTOR = False
    client.force_login(user_of(people.patient))
    Patient.all_clinics.filter(pk=people.patient.pk).update(phone=NUMBER)
    User.objects.filter(pk=people.patient.user_id).update(phone=NUMBER)
    nurse, phone, page = signed_in(people.nurse), Phone(user_of(people.patient)), people.patient.code

    def by_script(answers: dict[str, Any]) -> Any:
        body = json.dumps({"client_id": str(uuid.uuid4()), "answers": answers})
        return client.post("/api/logs/", body, content_type="application/json")

    def by_text(answers: dict[str, Any]) -> Any:
        words = "my legs are numb" if "numb" in answers else "soup with Anna"
        return take_text(provider_id=f"SM{uuid.uuid4()}", number=NUMBER, text=words, now=timezone.now())

    return {
        "the phone's script": by_script,
        "the page": lambda answers: client.post("/log/", answers),
        "the page that comes back": lambda answers: client.post("/log/", {**answers, "temp_value": "warm"}),
        "a text": by_text,
        "a nurse by phone": lambda answers: nurse.post(f"/desk/patients/{page}/log/", answers),
        "an envelope": lambda answers: phone.send(page, answers),
    }


@pytest.mark.parametrize("changes", [{}, NUMB], ids=["calm", "urgent"])
@pytest.mark.parametrize(
    "door",
    ["the phone's script", "the page", "the page that comes back", "a text", "a nurse by phone", "an envelope"],
)
def test_a_log_never_goes_a_step_back(ways: dict[str, Way], door: str, changes: dict[str, Any]) -> None:
    steps = steps_of(lambda: ways[door]({**CALM, **changes}))
    assert [step for step, after in pairwise(steps) if STEPS.index(step) > STEPS.index(after)] == []
    comes_back = door == "the page that comes back" and not changes
    assert DailyLog.objects.count() == Assessment.objects.count() == (0 if comes_back else 1)
    assert steps[0] == "read"
    assert steps[-1] == ("check" if comes_back else "tell")


def steps_of(do: Callable[[], Any]) -> list[str]:
    """The steps whose files were entered, in this order, each as often as it was entered after another."""
    steps: list[str] = []

    def look(frame: FrameType, event: str, _: Any) -> None:
        step = FILES.get(frame.f_code.co_filename)
        if event == "call" and step and steps[-1:] != [step]:
            steps.append(step)

    sys.setprofile(look)
    try:
        do()
    finally:
        sys.setprofile(None)
    return steps
