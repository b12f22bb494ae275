"""A clock tells nothing: what is known here and what is not are answered after the same time."""

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse

import patients.sign_in.equal_time
from patients.sign_in.equal_time import STEP_SECONDS, evened
from tests.waiting import StillClock


@pytest.mark.parametrize("work_seconds", [0.001, 0.012, 0.055])
def test_a_post_takes_a_full_step_however_much_was_done(
    work_seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert seconds_for("POST", work_seconds, monkeypatch) == pytest.approx(STEP_SECONDS)


def test_a_page_is_not_held_up(monkeypatch: pytest.MonkeyPatch) -> None:
    assert seconds_for("GET", 0.012, monkeypatch) == pytest.approx(0.012)


def seconds_for(method: str, work_seconds: float, monkeypatch: pytest.MonkeyPatch) -> float:
    """How long an answer takes, by a clock that passes only while somebody works or waits."""
    clock = StillClock()
    monkeypatch.setattr(patients.sign_in.equal_time, "time", clock)

    @evened
    def view(request: Any) -> HttpResponse:
        clock.now += work_seconds
        return HttpResponse()

    request, began = HttpRequest(), clock.now
    request.method = method
    view(request)
    return clock.now - began
