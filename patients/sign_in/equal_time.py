"""Answers that take the same time whatever was found: nobody learns from a clock which address is known here."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

# What is done for a known address and not for another takes some thousandths of a second.
STEP_SECONDS = 0.1


def evened(view: Callable[..., Any]) -> Callable[..., Any]:
    """A POST is answered at the next full step after its work is done."""

    @wraps(view)
    def waits(request: Any, *args: Any, **kwargs: Any) -> Any:
        began = time.monotonic()
        answer = view(request, *args, **kwargs)
        if request.method == "POST":
            time.sleep(-(time.monotonic() - began) % STEP_SECONDS)
        return answer

    return waits
