"""A limit on one whole call to a provider: settings.SEND_SECONDS.

The timeout of a socket starts again with every byte. A server that sends one byte a second would hold a call for
minutes, and with it the lease of every message claimed in the same batch.
"""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Timer

from django.conf import settings

Line = Callable[[], socket.socket | None]


@contextmanager
def ends_in_time(line: Line) -> Iterator[None]:
    """Limit the call inside this block. line: returns the call's socket, which is shut down when time is up."""
    clock = start_clock(line)
    try:
        yield
    finally:
        clock.cancel()


def start_clock(line: Line) -> Timer:
    """The same limit for a call that begins and ends in two places: cancel() the returned timer at its end."""
    clock = Timer(settings.SEND_SECONDS, _cut, [line])
    clock.daemon = True
    clock.start()
    return clock


def _cut(line: Line) -> None:
    with suppress(OSError, AttributeError):
        if found := line():
            # The shutdown of the plain socket, because that of TLS would wait for the other side.
            socket.socket.shutdown(found, socket.SHUT_RDWR)
