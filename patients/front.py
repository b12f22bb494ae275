"""What the process at the door says of itself: how many it turned away. A visitor cannot say it (ops.http1)."""

import re

from django.http import HttpRequest


def front_refused(request: HttpRequest) -> dict[str, int]:
    """By status, since that process began; empty where there is none before us, or nobody was refused."""
    said = request.headers.get("X-Front-Refused", "")
    return {status: int(number) for status, number in re.findall(r"(\d{3})=(\d{1,15})", said)}
