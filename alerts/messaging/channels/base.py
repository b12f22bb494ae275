"""The contract of a channel: one provider each, about 50 lines."""

from dataclasses import dataclass
from typing import Protocol


class TemporaryFailure(Exception):
    """Not this time: the provider is away, slow or busy. Sent again, with the same key, until send_by.

    The text is stored and shown to staff: a code or a class name, never an address or a message.
    wait_seconds: how long the provider asks us to wait at least.
    """

    # Is the address to blame?
    theirs = False

    def __init__(self, text: str = "", *, wait_seconds: int = 0) -> None:
        super().__init__(text)
        self.wait_seconds = wait_seconds


# Every channel says so in these words: it is for whoever runs this to repair, and the watchdog looks for them.
OURS_TO_REPAIR = "ours to repair"


class OurFault(TemporaryFailure):
    """Our account, sender, server or limits: no address is to blame. Tried again, and the operator is told."""

    def __init__(self, text: str, *, wait_seconds: int = 0) -> None:
        super().__init__(f"{text}: {OURS_TO_REPAIR}", wait_seconds=wait_seconds)


class PermanentFailure(Exception):
    """Never: the address cannot take it. The plan's next step comes forward."""

    theirs = True


class NotReady(PermanentFailure):
    """This way of sending is not set up here. No address is to blame."""

    theirs = False


class OptedOut(PermanentFailure):
    """The person told the provider to stop: nothing may be sent until they start again."""


class NoTexts(PermanentFailure):
    """This phone takes no texts at all: a landline."""


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
