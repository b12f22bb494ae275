"""Limits how many connections the front keeps open, for one address and in all.

When the limit is reached, the front closes the connection that has been sending its request for longest. So a
visitor who only holds a connection open loses it first, and an address that opens a thousand loses its own.
"""

import ipaddress
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

# A clinic behind one address keeps a stream open for each board, and loads pages as well.
MOST_OF_ONE, MOST = 200, 1000


class NoRoom(Exception):
    """No connection can be closed to make room: every request is complete and being answered."""


@dataclass(eq=False)
class Visitor:
    """One connection. address: empty until the proxy in front of us has named it. drop: closes the connection."""

    address: str
    drop: Callable[[], object] = field(repr=False)


def neighbourhood(address: str) -> str:
    """PURE: return what counts as one address; for IPv6 the /64 network, which one household has to itself."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(known, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((known, 64), strict=False))
    return address


class Crowd:
    """All open connections. It keeps those that are still sending in the order of their arrival."""

    def __init__(self, most_of_one: int = MOST_OF_ONE, most: int = MOST) -> None:
        self._most_of_one, self._most = most_of_one, most
        # A dict keeps its order: its first key is the oldest connection.
        self._sending: dict[Visitor, None] = {}
        self._inside: Counter[str] = Counter()

    def held(self, visitor: Visitor) -> int:
        """Return how many connections the visitor's address has."""
        return self._inside[neighbourhood(visitor.address)]

    @contextmanager
    def inside(self, visitor: Visitor) -> Iterator[None]:
        """Count the visitor for the length of the block; raises NoRoom when no other connection can be closed."""
        made = self._count(visitor)
        if self._inside.total() > self._most and not made:
            try:
                self._make_room(self._sending)
            except NoRoom:
                self._forget(visitor)
                raise
        self._sending[visitor] = None
        try:
            yield
        finally:
            self._sending.pop(visitor, None)
            self._forget(visitor)

    def is_known(self, visitor: Visitor, address: str) -> None:
        """Count the visitor under the address our proxy named; raises NoRoom when that address has too many."""
        unknown = Visitor(visitor.address, visitor.drop)
        self._count(Visitor(address, visitor.drop))
        visitor.address = address
        self._forget(unknown)

    def has_arrived(self, visitor: Visitor) -> None:
        """Note that the whole request has arrived: from now on this connection is not closed to make room."""
        self._sending.pop(visitor, None)

    def _count(self, visitor: Visitor) -> bool:
        """Count one more connection of this address; returns whether another one of it was closed for it."""
        where = neighbourhood(visitor.address)
        full = bool(where) and self._inside[where] >= self._most_of_one
        if full:
            self._make_room(one for one in self._sending if neighbourhood(one.address) == where)
        self._inside[where] += 1
        return full

    def _forget(self, visitor: Visitor) -> None:
        where = neighbourhood(visitor.address)
        self._inside[where] -= 1
        if not self._inside[where]:
            del self._inside[where]

    def _make_room(self, those: Iterable[Visitor]) -> None:
        slowest = next(iter(those), None)
        if slowest is None:
            raise NoRoom
        del self._sending[slowest]
        slowest.drop()
