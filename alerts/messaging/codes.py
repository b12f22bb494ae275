"""Six digits: the one that names an alert in an SMS, and the one that proves an address."""

import secrets
from collections.abc import Iterable

from django.utils.crypto import salted_hmac

from alerts.models import Alert
from alerts.states import ACTIVE

DIGITS = 6
_POSSIBLE = 10**DIGITS


def give_codes(alerts: Iterable[Alert]) -> None:
    """Give each alert without a code one that no active alert has; not saved yet.

    Two processes that choose the same at the same moment are stopped by a constraint: the later one's
    transaction fails as a whole, and its next sweep draws again.
    """
    without = [alert for alert in alerts if not alert.ack_code]
    if not without:
        return
    drawn: set[str] = set()
    while len(drawn) < len(without):
        drawn |= {_random() for _ in range(len(without) - len(drawn))}
        drawn -= set(Alert.objects.filter(state__in=ACTIVE, ack_code__in=drawn).values_list("ack_code", flat=True))
    for alert, code in zip(without, drawn, strict=True):
        alert.ack_code = code


def new_nonce() -> str:
    """What a contact method stores instead of its code."""
    return secrets.token_urlsafe(16)


def code_from(nonce: str) -> str:
    """The code to prove an address. It lies in no table, and a table alone does not give it away."""
    return f"{int(salted_hmac('alerts.codes', nonce, algorithm='sha256').hexdigest(), 16) % _POSSIBLE:0{DIGITS}}"


def _random() -> str:
    return f"{secrets.randbelow(_POSSIBLE):0{DIGITS}}"
