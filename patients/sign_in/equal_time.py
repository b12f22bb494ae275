"""Makes answers take equal time, so that an attacker cannot measure which addresses are known here."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

# The extra work for a known address takes a few milliseconds.
STEP_SECONDS = 0.1


def evened(view: Callable[..., Any]) -> Callable[..., Any]:
    """Delay the answer to a POST until the next full step of STEP_SECONDS."""

    @wraps(view)
    def waits(request: Any, *args: Any, **kwargs: Any) -> Any:
        began = time.monotonic()
        answer = view(request, *args, **kwargs)
        if request.method == "POST":
            time.sleep(-(time.monotonic() - began) % STEP_SECONDS)
        return answer

    return waits
