"""The channels by which messages leave.

A new channel is one file here, one line below, and an address in patients.selectors.people.contactable.
"""

from alerts.messaging.channels.base import (
    Channel,
    Gone,
    NoTexts,
    NotReady,
    OptedOut,
    OurFault,
    PermanentFailure,
    Sent,
    TemporaryFailure,
)
from alerts.messaging.channels.board import Board
from alerts.messaging.channels.email import Email
from alerts.messaging.channels.push import Push
from alerts.messaging.channels.sms import Sms
from alerts.messaging.channels.voice import Voice
from alerts.messaging.channels.webhook import Webhook

CHANNELS: dict[str, Channel] = {
    "board": Board(),
    "email": Email(),
    "sms": Sms(),
    "push": Push(),
    "call": Voice(),
    "webhook": Webhook(),
}

__all__ = [
    "CHANNELS",
    "Channel",
    "Gone",
    "NoTexts",
    "NotReady",
    "OptedOut",
    "OurFault",
    "PermanentFailure",
    "Sent",
    "TemporaryFailure",
]
