"""How many connections the front keeps open: for one address, and in all.

When there is no room, the connection that has been sending its request for longest makes it: whoever only holds a
line open loses it first, and an address that opens a thousand of them loses its own.
"""

import ipaddress
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

# A clinic behind one address keeps a stream open for each board, and loads pages beside.
MOST_OF_ONE, MOST = 200, 1000


class NoRoom(Exception):
    """Everybody inside is being answered."""


@dataclass(eq=False)
class Visitor:
    """One connection. address: empty while only the proxy in front of us knows it. drop: ends it."""

    address: str
    drop: Callable[[], object] = field(repr=False)


def neighbourhood(address: str) -> str:
    """PURE: what counts as one address: of IPv6 the half that a household has to itself."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(known, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((known, 64), strict=False))
    return address


class Crowd:
    """Who is inside. Those who are still sending stand in the order in which they came."""

    def __init__(self, most_of_one: int = MOST_OF_ONE, most: int = MOST) -> None:
        self._most_of_one, self._most = most_of_one, most
        # A dict keeps its order: the first is the one that came first.
        self._sending: dict[Visitor, None] = {}
        self._inside: Counter[str] = Counter()

    def held(self, visitor: Visitor) -> int:
        """How many connections the visitor's address has."""
        return self._inside[neighbourhood(visitor.address)]

    @contextmanager
    def inside(self, visitor: Visitor) -> Iterator[None]:
        """Count the visitor in and out; raises NoRoom when nobody can make room."""
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
        """The proxy in front of us has said who it is; raises NoRoom when that address has too many."""
        unknown = Visitor(visitor.address, visitor.drop)
        self._count(Visitor(address, visitor.drop))
        visitor.address = address
        self._forget(unknown)

    def has_arrived(self, visitor: Visitor) -> None:
        """The whole request is here: from now on it is we who take the time."""
        self._sending.pop(visitor, None)

    def _count(self, visitor: Visitor) -> bool:
        """Count one more of this address; whether another one of it had to make room."""
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
