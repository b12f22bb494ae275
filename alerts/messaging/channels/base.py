"""The contract of a channel: what it does, what it returns, and which errors it raises."""

from dataclasses import dataclass
from typing import Protocol


class TemporaryFailure(Exception):
    """The provider is away, slow or busy. The message is tried again with the same key until send_by.

    The text is stored and shown to staff: a code or a class name, never an address or a message.
    wait_seconds: the least time the provider asks us to wait.
    """

    # Is the address to blame?
    theirs = False

    def __init__(self, text: str = "", *, wait_seconds: int = 0) -> None:
        super().__init__(text)
        self.wait_seconds = wait_seconds


# These words in an error mean that the operator must repair our side. The watchdog looks for them.
OURS_TO_REPAIR = "ours to repair"


class OurFault(TemporaryFailure):
    """Our account, sender, server or limits are at fault, no address. It is tried again; the operator is told."""

    def __init__(self, text: str, *, wait_seconds: int = 0) -> None:
        super().__init__(f"{text}: {OURS_TO_REPAIR}", wait_seconds=wait_seconds)


class PermanentFailure(Exception):
    """The address can never take the message. The plan's next step comes at once."""

    theirs = True


class NotReady(PermanentFailure):
    """This way of sending is not set up here. No address is to blame."""

    theirs = False


class OptedOut(PermanentFailure):
    """The person told the provider to stop: nothing may be sent until they start again."""


class NoTexts(PermanentFailure):
    """This phone is a landline and takes no texts."""


class Gone(PermanentFailure):
    """The address no longer exists; it is removed."""


@dataclass(frozen=True)
class Sent:
    """The provider took the message. delivered: it counts as delivered now, because no receipt will come."""

    provider_id: str = ""
    delivered: bool = False


class Channel(Protocol):
    """Hands one message to one provider."""

    def send(self, address: str, subject: str, body: str, key: str) -> Sent:
        """Send one message, in well under a minute. The same key must look like a repeat to the receiver.

        Raises TemporaryFailure or PermanentFailure; any other error counts as temporary. Uses no database.
        """
        ...
