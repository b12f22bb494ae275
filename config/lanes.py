"""Which process answers a request, in which order, and when a visitor is turned away instead.

A lane is a process with so many threads. The front gives out one turn per thread, so nothing piles up behind it.
Who waits longer than WAIT_SECONDS is told to come again; who leaves meanwhile costs nothing. Urgent work may also
use a free thread of the pages; the pages never use a thread of urgent work.
"""

import asyncio
import heapq
import itertools
import re
from dataclasses import dataclass, field

# (processes, threads of each), as config.supervisor starts them.
THREADS = {"urgent": (1, 4), "web": (2, 4)}
LANES = ("web", "urgent", "events")
# Less than the second within which an overloaded house says so.
WAIT_SECONDS = 0.6
URGENT, DESK, PAGES, SIGN_IN = range(4)
# What may be an emergency, or answers one.
_URGENT_PATHS = re.compile(
    r"/(?:health/\Z|(?:log/|api/sealed-logs/)\Z|hooks/|desk/alerts/|desk/patients/[^/]+/(?:log|contact)/\Z)"
)
_REPEATED = ("/log/", "/api/logs/", "/api/sealed-logs/", "/hooks/", "/accounts/login/")
# RFC 9218: 0 is the most urgent. The phone says so of a log it judged urgent.
_MOST_URGENT = re.compile(r"(?:^|,)\s*u=0\s*(?:[,;]|$)")


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
    posted = method == "POST"
    said = path == "/api/logs/" and bool(_MOST_URGENT.search(priority))
    if (posted and (said or _URGENT_PATHS.match(path))) or path == "/health/":
        return Place(("urgent", "web"), URGENT)
    if path.startswith(("/desk/", "/api/")):
        return Place(("web",), DESK)
    # Each costs as much as a hundred pages: the hash of a password is slow on purpose.
    return Place(("web",), SIGN_IN if posted and path.startswith("/accounts/") else PAGES)


def may_repeat(method: str, path: str) -> bool:
    """PURE: is it harmless to ask twice? A log has an id of its own, and so has what a provider tells."""
    return method in ("GET", "HEAD") or path.startswith(_REPEATED)


@dataclass
class Lane:
    """One process: where it listens, and how many turns are free. `free` None: as many as come."""

    address: str
    free: int | None = None
    waiting: list["tuple[int, int, int, asyncio.Future[str]]"] = field(default_factory=list)


class Lanes:
    """Gives out turns: by rank, then to addresses that hold few, then in the order of arrival."""

    def __init__(self, lanes: dict[str, Lane]) -> None:
        self._lanes = lanes
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
                return name
        turn: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        waits = (place.rank, held, next(self._order), turn)
        for name in place.lanes:
            heapq.heappush(self._lanes[name].waiting, waits)
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                return await turn
        except TimeoutError as error:
            self._hand_on(turn)
            raise Full from error
        except asyncio.CancelledError:
            self._hand_on(turn)
            raise

    def _hand_on(self, turn: "asyncio.Future[str]") -> None:
        """A turn that came in the very moment its visitor left."""
        if turn.done() and not turn.cancelled():
            self.leave(turn.result())

    def leave(self, name: str) -> None:
        """This turn is over: whoever comes first has it."""
        lane = self._lanes[name]
        if lane.free is None:
            return
        while lane.waiting:
            *_, turn = heapq.heappop(lane.waiting)
            if not turn.done():
                turn.set_result(name)
                return
        lane.free += 1

    def _take(self, name: str) -> bool:
        lane = self._lanes[name]
        if lane.free is None:
            return True
        taken = lane.free > 0
        lane.free -= taken
        return taken
