"""Reads how many requests the front refused, from its own header; a visitor cannot send it (ops.http1)."""

import re

from django.http import HttpRequest


def front_refused(request: HttpRequest) -> dict[str, int]:
    """Return the refused requests by status since the front started; empty without a front or refusals."""
    said = request.headers.get("X-Front-Refused", "")
    return {status: int(number) for status, number in re.findall(r"(\d{3})=(\d{1,15})", said)}
