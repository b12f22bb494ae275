"""An end for the whole of one call to a provider: settings.SEND_SECONDS, whatever comes in between.

A timeout of a socket starts again with every byte: a server that says one letter a second would hold a send for
minutes, and with it the lease of every message that was claimed beside it.
"""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Timer

from django.conf import settings

Line = Callable[[], socket.socket | None]


@contextmanager
def ends_in_time(line: Line) -> Iterator[None]:
    """Around one call. line: says which socket it has by then; who reads or writes there stops when time is up."""
    clock = start_clock(line)
    try:
        yield
    finally:
        clock.cancel()


def start_clock(line: Line) -> Timer:
    """The same for a call that begins and ends in two places: it calls cancel() on the clock at its end."""
    clock = Timer(settings.SEND_SECONDS, _cut, [line])
    clock.daemon = True
    clock.start()
    return clock


def _cut(line: Line) -> None:
    with suppress(OSError, AttributeError):
        if found := line():
            # The plain socket's own: TLS would wait for the other side to agree.
            socket.socket.shutdown(found, socket.SHUT_RDWR)
