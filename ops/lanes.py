"""Chooses which process answers a request and in which order, and turns requests away under overload.

A lane is one kind of server process with its threads. The front gives out one turn per thread, so no queue forms
inside a process. Each kind of work has a share of the turns, so that a flood of one kind does not stop the others.
Urgent work may also use a free thread of the pages; the pages never use a thread of urgent work.

A request that waits longer than WAIT_SECONDS gets 503 and “try again”. When the queue is so long that a request
could not be served in time, the last one gets it at once. A visitor who leaves while waiting uses no turn.
"""

import asyncio
import itertools
import re
from bisect import insort
from collections import deque
from dataclasses import dataclass, field

# (processes, threads of each), as ops.supervisor starts them.
THREADS = {"urgent": (1, 4), "web": (2, 4)}
LANES = ("web", "urgent", "events")
# So many requests at once may ask for /health/. The process of the streams answers them, so that a monitor never
# takes an overloaded installation for a dead one, and a flood of them takes no turn of urgent work.
HEALTH_TURNS = 2
# Shorter than a second: an overloaded installation must answer “try again” within one second.
WAIT_SECONDS = 0.6
# How long a queue is kept short after one of its requests was turned away, and how many may wait all the same.
SHORT_SECONDS, SHORTEST_LINE = 1.0, 4
URGENT, DESK, PAGES, LOGS, SIGN_IN, HEALTH = range(6)
# Of 17 turns, when every kind waits. Logs that are not urgent get few, because the phone keeps them meanwhile.
# Sign-ins get few, because one costs as much as a hundred pages: hashing a password is slow on purpose.
SHARES = (8, 3, 3, 1, 1, 1)
# Requests that may report an emergency or answer one.
_URGENT_PATHS = re.compile(
    r"/(?:(?:log/|messages/|api/sealed-logs/)\Z|hooks/|desk/alerts/|desk/patients/[^/]+/(?:log|contact|act)/\Z)"
)
_REPEATED = ("/log/", "/messages/", "/api/logs/", "/api/sealed-logs/", "/hooks/", "/accounts/login/")
# RFC 9218: u=0 is the most urgent. The phone sends it with a log it judged urgent.
_MOST_URGENT = re.compile(r"(?:^|,)\s*u=0\s*(?:[,;]|$)")


@dataclass(order=True, frozen=True)
class Waiting:
    """A waiting request. Addresses with few connections come first, then the order of arrival counts."""

    held: int
    order: int
    rank: int = field(compare=False)
    lanes: tuple[str, ...] = field(compare=False)
    turn: "asyncio.Future[str]" = field(compare=False)


class Full(Exception):
    """No thread became free in time: the visitor should try again."""


@dataclass(frozen=True)
class Place:
    """The lanes that may answer a request, the preferred one first, and its rank (0 is the most urgent)."""

    lanes: tuple[str, ...]
    rank: int


def place_of(method: str, path: str, priority: str = "") -> Place:
    """PURE: return the lanes and the rank of a request. `priority` is its Priority header."""
    if path.startswith("/events/"):
        return Place(("events",), PAGES)
    if path == "/health/":
        return Place(("health", "web"), HEALTH)
    posted = method == "POST"
    logs = posted and path == "/api/logs/"
    said = logs and bool(_MOST_URGENT.search(priority))
    if said or (posted and _URGENT_PATHS.match(path)):
        return Place(("urgent", "web"), URGENT)
    if path.startswith("/desk/"):
        return Place(("web",), DESK)
    signs_in = posted and path.startswith("/accounts/")
    return Place(("web",), LOGS if logs else SIGN_IN if signs_in else PAGES)


def may_repeat(method: str, path: str) -> bool:
    """PURE: return whether a request may be sent twice. Logs and providers' messages have ids, so they may."""
    return method in ("GET", "HEAD") or path.startswith(_REPEATED)


@dataclass
class Lane:
    """One lane: its address, and how many turns are free (None: no limit).

    lines, due: for each rank, the waiting requests and when its next turn is due. `due` and `now` count turns,
    weighted by SHARES.
    """

    address: str
    free: int | None = None
    lines: tuple[list[Waiting], ...] = field(default_factory=lambda: tuple([] for _ in SHARES))
    due: list[float] = field(default_factory=lambda: [0.0] * len(SHARES))
    now: float = 0.0

    def join(self, one: Waiting) -> None:
        """Add a waiting request. A kind of work that was idle does not save up turns."""
        if not self.lines[one.rank]:
            self.due[one.rank] = max(self.due[one.rank], self.now)
        insort(self.lines[one.rank], one)

    def next(self) -> Waiting | None:
        """Return the request whose turn it is; None when no request waits."""
        ranks = [rank for rank, line in enumerate(self.lines) if line]
        if not ranks:
            return None
        rank = min(ranks, key=lambda rank: (self.due[rank], rank))
        self.now = self.due[rank]
        self.due[rank] += 1 / SHARES[rank]
        return self.lines[rank][0]


@dataclass
class Kind:
    """One kind of work in all lanes: waiting requests, times of turns, until when its queue is kept short."""

    waiting: list[Waiting] = field(default_factory=list)
    given: deque[float] = field(default_factory=deque)
    short_until: float = float("-inf")

    def takes(self, at: float) -> None:
        """Note that a request of this kind got a turn."""
        self.given.append(at)
        self._forget(at)

    def turned_away(self, at: float) -> None:
        """Note that a request of this kind was turned away."""
        self.short_until = at + SHORT_SECONDS

    def is_too_long(self, at: float) -> bool:
        """Return whether one was turned away lately, and more wait than got a turn in the last WAIT_SECONDS."""
        self._forget(at)
        return at < self.short_until and len(self.waiting) > max(len(self.given), SHORTEST_LINE)

    def _forget(self, at: float) -> None:
        while self.given and self.given[0] < at - WAIT_SECONDS:
            self.given.popleft()


class Lanes:
    """Gives out turns: by share of each kind, then to addresses with few connections, then by arrival."""

    def __init__(self, lanes: dict[str, Lane]) -> None:
        self._lanes = lanes
        self._kinds = [Kind() for _ in SHARES]
        self._order = itertools.count()

    def address(self, name: str) -> str:
        """Return the address on which this lane listens."""
        return self._lanes[name].address

    def counts(self, name: str) -> bool:
        """Return whether the turns of this lane are counted."""
        return self._lanes[name].free is not None

    async def enter(self, place: Place, held: int = 0) -> str:
        """Wait for a turn; returns its lane. held: connections of this visitor's address. Raises Full."""
        for name in place.lanes:
            if self._take(name):
                self._kinds[place.rank].takes(_now())
                return name
        turn: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        one = Waiting(held, next(self._order), place.rank, place.lanes, turn)
        self._join(one)
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                return await turn
        except TimeoutError as error:
            self._hand_on(turn)
            self._kinds[place.rank].turned_away(_now())
            raise Full from error
        except asyncio.CancelledError:
            self._hand_on(turn)
            raise
        finally:
            self._out_of_line(one)

    def leave(self, name: str) -> None:
        """End a turn and give it to the next waiting request."""
        lane = self._lanes[name]
        if lane.free is None:
            return
        while one := lane.next():
            self._out_of_line(one)
            if not one.turn.done():
                one.turn.set_result(name)
                self._kinds[one.rank].takes(_now())
                return
        lane.free += 1

    def _join(self, one: Waiting) -> None:
        kind, at = self._kinds[one.rank], _now()
        insort(kind.waiting, one)
        for name in one.lanes:
            self._lanes[name].join(one)
        if kind.is_too_long(at):
            kind.turned_away(at)
            last = kind.waiting[-1]
            self._out_of_line(last)
            if not last.turn.done():
                last.turn.set_exception(Full())

    def _out_of_line(self, one: Waiting) -> None:
        for line in (self._kinds[one.rank].waiting, *(self._lanes[name].lines[one.rank] for name in one.lanes)):
            if one in line:
                line.remove(one)

    def _hand_on(self, turn: "asyncio.Future[str]") -> None:
        """Pass on a turn that was given at the same moment as its visitor left."""
        if turn.done() and not turn.cancelled() and not turn.exception():
            self.leave(turn.result())

    def _take(self, name: str) -> bool:
        lane = self._lanes[name]
        if lane.free is None:
            return True
        taken = lane.free > 0
        lane.free -= taken
        return taken


def _now() -> float:
    """Return the time of the event loop in seconds, the clock that also ends the wait."""
    return asyncio.get_running_loop().time()
