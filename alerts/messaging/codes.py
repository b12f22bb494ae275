"""Codes of six digits: one kind names an alert in an SMS, the other proves a contact method."""

import secrets
from collections.abc import Iterable

from django.utils.crypto import salted_hmac

from alerts.models import Alert
from alerts.states import ACTIVE

DIGITS = 6
_POSSIBLE = 10**DIGITS


def give_codes(alerts: Iterable[Alert]) -> None:
    """Give each alert without a code one that no active alert has. The caller saves the alerts.

    When two processes draw the same code at the same moment, a constraint makes the later transaction fail as a
    whole, and its next sweep draws again.
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
    """A random value that a contact method stores instead of its code."""
    return secrets.token_urlsafe(16)


def code_from(nonce: str) -> str:
    """The code that proves an address: derived from the nonce and SECRET_KEY, so a copy of the tables lacks it."""
    return f"{int(salted_hmac('alerts.codes', nonce, algorithm='sha256').hexdigest(), 16) % _POSSIBLE:0{DIGITS}}"


def _random() -> str:
    return f"{secrets.randbelow(_POSSIBLE):0{DIGITS}}"
