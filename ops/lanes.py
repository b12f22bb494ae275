"""Which process answers a request, in which order, and when a visitor is turned away instead.

A lane is a process with so many threads. The front gives out one turn per thread, so nothing piles up behind it.
Each kind of work has its share of the turns: however much there is of one, the others go on. Urgent work may also
use a free thread of the pages; the pages never use a thread of urgent work.

Who waits longer than WAIT_SECONDS is told to come again, or at once where so many wait that it would end so. Who
leaves meanwhile costs nothing.
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
# So many at once may ask how we are, of the process of the streams, whose own turns nobody counts: whoever watches
# us never takes a loaded house for a dead one, and a flood of such questions takes no turn of urgent work.
HEALTH_TURNS = 2
# Less than the second within which an overloaded house says so.
WAIT_SECONDS = 0.6
# For how long a line is kept short, since somebody of it was last turned away; so many may wait all the same.
SHORT_SECONDS, SHORTEST_LINE = 1.0, 4
URGENT, DESK, PAGES, LOGS, SIGN_IN, HEALTH = range(6)
# Of 17 turns that all of them want. A calm log lies safe on its phone meanwhile, and a sign-in costs as much as a
# hundred pages: the hash of a password is slow on purpose.
SHARES = (8, 3, 3, 1, 1, 1)
# What may be an emergency, or answers one.
_URGENT_PATHS = re.compile(
    r"/(?:(?:log/|api/sealed-logs/)\Z|hooks/|desk/alerts/|desk/patients/[^/]+/(?:log|contact)/\Z)"
)
_REPEATED = ("/log/", "/api/logs/", "/api/sealed-logs/", "/hooks/", "/accounts/login/")
# RFC 9218: 0 is the most urgent. The phone says so of a log it judged urgent.
_MOST_URGENT = re.compile(r"(?:^|,)\s*u=0\s*(?:[,;]|$)")


@dataclass(order=True, frozen=True)
class Waiting:
    """Somebody who waits: first whose address holds few connections, then in the order of arrival."""

    held: int
    order: int
    rank: int = field(compare=False)
    lanes: tuple[str, ...] = field(compare=False)
    turn: "asyncio.Future[str]" = field(compare=False)


class Full(Exception):
    """Nobody is free in time: come again."""


@dataclass(frozen=True)
class Place:
    """Where a request may be answered, the first choice first, and how urgent it is (0 comes first)."""

    lanes: tuple[str, ...]
    rank: int


def place_of(method: str, path: str, priority: str = "") -> Place:
    """PURE: the lanes a request may take. `priority` is its Priority header."""
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
    """PURE: is it harmless to ask twice? A log has an id of its own, and so has what a provider tells."""
    return method in ("GET", "HEAD") or path.startswith(_REPEATED)


@dataclass
class Lane:
    """One process: where it listens, and how many turns are free. `free` None: as many as come.

    By rank: who waits, and when its next turn is due, counted in turns that were given out, by their shares.
    """

    address: str
    free: int | None = None
    lines: tuple[list[Waiting], ...] = field(default_factory=lambda: tuple([] for _ in SHARES))
    due: list[float] = field(default_factory=lambda: [0.0] * len(SHARES))
    now: float = 0.0

    def join(self, one: Waiting) -> None:
        """Wait here. A kind of work that nobody asked for lately has nothing saved up."""
        if not self.lines[one.rank]:
            self.due[one.rank] = max(self.due[one.rank], self.now)
        insort(self.lines[one.rank], one)

    def next(self) -> Waiting | None:
        """Whose turn it is; None when nobody waits."""
        ranks = [rank for rank, line in enumerate(self.lines) if line]
        if not ranks:
            return None
        rank = min(ranks, key=lambda rank: (self.due[rank], rank))
        self.now = self.due[rank]
        self.due[rank] += 1 / SHARES[rank]
        return self.lines[rank][0]


@dataclass
class Kind:
    """One kind of work, in all lanes: who waits, when turns were given, until when its line is kept short."""

    waiting: list[Waiting] = field(default_factory=list)
    given: deque[float] = field(default_factory=deque)
    short_until: float = float("-inf")

    def takes(self, at: float) -> None:
        """One of it has a turn."""
        self.given.append(at)
        self._forget(at)

    def turned_away(self, at: float) -> None:
        """One of it was told to come again."""
        self.short_until = at + SHORT_SECONDS

    def is_too_long(self, at: float) -> bool:
        """Do more wait than will have a turn in time? By what was given in as long a time, just now."""
        self._forget(at)
        return at < self.short_until and len(self.waiting) > max(len(self.given), SHORTEST_LINE)

    def _forget(self, at: float) -> None:
        while self.given and self.given[0] < at - WAIT_SECONDS:
            self.given.popleft()


class Lanes:
    """Gives out turns: to each kind its share, in it to addresses that hold few, then in the order of arrival."""

    def __init__(self, lanes: dict[str, Lane]) -> None:
        self._lanes = lanes
        self._kinds = [Kind() for _ in SHARES]
        self._order = itertools.count()

    def address(self, name: str) -> str:
        """Where this lane listens."""
        return self._lanes[name].address

    def counts(self, name: str) -> bool:
        """Are the turns of this lane counted?"""
        return self._lanes[name].free is not None

    async def enter(self, place: Place, held: int = 0) -> str:
        """Wait for a turn; the lane that has one. held: how much this visitor's address holds. Raises Full."""
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
        """This turn is over: whoever comes first has it."""
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
        """A turn that came in the very moment its visitor left."""
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
    """Seconds, by the clock that also ends the waiting."""
    return asyncio.get_running_loop().time()
