"""A clock tells nothing: what is known here and what is not are answered after the same time."""

import time
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse

from patients.evened import STEP_SECONDS, evened


@pytest.mark.parametrize("work_seconds", [0.0, 0.012, 0.055])
def test_a_post_takes_a_full_step_however_much_was_done(work_seconds: float) -> None:
    @evened
    def view(request: Any) -> HttpResponse:
        time.sleep(work_seconds)
        return HttpResponse()

    request = HttpRequest()
    request.method = "POST"
    began = time.monotonic()
    view(request)
    took = time.monotonic() - began
    assert took >= STEP_SECONDS * 0.99


def test_a_page_is_not_held_up() -> None:
    request = HttpRequest()
    request.method = "GET"
    began = time.monotonic()
    evened(lambda request: HttpResponse())(request)
    assert time.monotonic() - began < STEP_SECONDS
