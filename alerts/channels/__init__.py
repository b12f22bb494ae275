"""Every way a message can go. A new channel: one file here, one line below (and an address in
patients.selectors.contactable)."""

from alerts.channels.base import (
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
from alerts.channels.board import Board
from alerts.channels.email import Email
from alerts.channels.push import Push
from alerts.channels.sms import Sms
from alerts.channels.webhook import Webhook

CHANNELS: dict[str, Channel] = {
    "board": Board(),
    "email": Email(),
    "sms": Sms(),
    "push": Push(),
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
