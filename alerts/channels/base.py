"""The contract of a channel: one provider each, about 50 lines."""

from dataclasses import dataclass
from typing import Protocol


class TemporaryFailure(Exception):
    """Not this time: the provider is away, slow or busy. Sent again, with the same key, until send_by.

    The text is stored and shown to staff: a code or a class name, never an address or a message.
    wait_seconds: how long the provider asks us to wait at least.
    """

    def __init__(self, text: str = "", *, wait_seconds: int = 0) -> None:
        super().__init__(text)
        self.wait_seconds = wait_seconds


# Every channel says so in these words: it is for us to repair, and the watchdog looks for them.
OUR_SIGN_IN_REFUSED = "refused our sign-in"


class PermanentFailure(Exception):
    """Never: the address does not exist, or the channel is not set up. The plan's next step comes forward."""


class OptedOut(PermanentFailure):
    """The person told the provider to stop: nothing may be sent until they start again."""


class Gone(PermanentFailure):
    """The address says of itself that it is no more: it is removed."""


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
