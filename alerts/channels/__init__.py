"""Every way a message can go. A new channel: one file here, one line below (and an address in
patients.selectors.contactable)."""

from alerts.channels.base import Channel, OptedOut, PermanentFailure, Sent, TemporaryFailure
from alerts.channels.board import Board
from alerts.channels.email import Email
from alerts.channels.sms import Sms

CHANNELS: dict[str, Channel] = {"board": Board(), "email": Email(), "sms": Sms()}

__all__ = ["CHANNELS", "Channel", "OptedOut", "PermanentFailure", "Sent", "TemporaryFailure"]
