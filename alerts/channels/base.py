"""The contract of a channel: one provider each, about 50 lines."""

from dataclasses import dataclass
from typing import Protocol


class TemporaryFailure(Exception):
    """Not this time: the provider is away, slow or busy. Sent again, with the same key, until send_by.

    The text is stored and shown to staff: a code or a class name, never an address or a message.
    """


class PermanentFailure(Exception):
    """Never: the address does not exist, or the channel is not set up. The plan's next step comes forward."""


@dataclass(frozen=True)
class Sent:
    """The provider took it. delivered when taking it is all there is (no receipt will come)."""

    provider_id: str = ""
    delivered: bool = False


class Channel(Protocol):
    """Hands one message to one provider."""

    def send(self, address: str, subject: str, body: str, key: str) -> Sent:
        """Send now, in well under a minute. The same key again must look like a repeat at the receiver.

        Raises TemporaryFailure or PermanentFailure; anything else counts as temporary. Touches no database.
        """
        ...
