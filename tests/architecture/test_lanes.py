"""Who is answered by which process, and in which order."""

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ops.crowd import Crowd, NoRoom, Visitor, neighbourhood
from ops.lanes import (
    DESK,
    HEALTH,
    LOGS,
    PAGES,
    SHARES,
    SHORT_SECONDS,
    SHORTEST_LINE,
    SIGN_IN,
    URGENT,
    WAIT_SECONDS,
    Full,
    Lane,
    Lanes,
    Place,
    place_of,
)
from tests.waiting import run_scene

CODE = "0d5c1c0e-93c5-4d0b-8e7d-2f6a0a6b7f11"


@pytest.mark.parametrize(
    ("method", "path", "priority", "first", "rank"),
    [
        ("POST", "/api/logs/", "u=0", "urgent", URGENT),
        ("POST", "/api/logs/", "i, u=0", "urgent", URGENT),
        ("POST", "/api/logs/", "", "web", LOGS),
        ("POST", "/api/logs/", "u=01", "web", LOGS),
        ("GET", "/api/logs/", "u=0", "web", PAGES),
        ("POST", "/api/push/", "", "web", PAGES),
        # A form without a script cannot say what is in it.
        ("POST", "/log/", "", "urgent", URGENT),
        ("POST", "/messages/", "", "urgent", URGENT),
        ("GET", "/log/", "u=0", "web", PAGES),
        ("POST", "/api/sealed-logs/", "", "urgent", URGENT),
        ("POST", "/hooks/sms/reply/", "", "urgent", URGENT),
        ("POST", f"/desk/alerts/{CODE}/acknowledge/", "", "urgent", URGENT),
        ("POST", f"/desk/patients/{CODE}/log/", "", "urgent", URGENT),
        ("POST", f"/desk/patients/{CODE}/contact/", "", "urgent", URGENT),
        ("POST", f"/desk/patients/{CODE}/act/", "", "urgent", URGENT),
        ("GET", "/health/", "", "health", HEALTH),
        ("POST", "/health/", "u=0", "health", HEALTH),
        ("GET", "/desk/", "", "web", DESK),
        ("POST", "/desk/policy/", "u=0", "web", DESK),
        ("GET", "/today/", "u=0", "web", PAGES),
        ("GET", "/static/js/log.js", "", "web", PAGES),
        ("POST", "/accounts/login/", "u=0", "web", SIGN_IN),
        ("GET", "/events/board/", "", "events", PAGES),
    ],
)
def test_what_may_be_an_emergency_or_answers_one_goes_first(
    method: str, path: str, priority: str, first: str, rank: int
) -> None:
    place = place_of(method, path, priority)
    assert (place.lanes[0], place.rank) == (first, rank)


@given(some.text(max_size=40), some.text(max_size=60), some.text(max_size=20))
def test_anything_has_a_place(method: str, path: str, priority: str) -> None:
    assert place_of(method, path, priority).lanes


Found = TypeVar("Found")


class Still(asyncio.SelectorEventLoop):
    """Its clock stands still until it is moved: how long a machine takes is no matter."""

    at = 100.0

    def time(self) -> float:
        return self.at


def run(scene: Coroutine[Any, Any, Found]) -> Found:
    return run_scene(scene, Still)


async def pass_seconds(seconds: float) -> None:
    """So much later, when everybody has noticed."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, Still)
    loop.at += seconds
    for _ in range(5):
        await asyncio.sleep(0)


def lanes() -> Lanes:
    return Lanes({"web": Lane("", 1), "urgent": Lane("", 1), "events": Lane("")})


WEB = ("web",)
RANKS = range(len(SHARES))


async def in_order(house: Lanes, ranks: list[int], turns: int, held: list[int] | None = None) -> list[int]:
    """Which of these, by place in the list, had the first turns of the pages' lane."""
    order = list[int]()

    async def come(number: int, rank: int) -> None:
        await house.enter(Place(WEB, rank), held[number] if held else 0)
        order.append(number)

    await house.enter(Place(WEB, URGENT))
    coming = [asyncio.create_task(come(number, rank)) for number, rank in enumerate(ranks)]
    await asyncio.sleep(0)
    for _ in range(turns):
        house.leave("web")
        await asyncio.sleep(0)
    for task in coming:
        task.cancel()
    await asyncio.gather(*coming, return_exceptions=True)
    return order


def test_the_first_turns_go_by_rank_then_to_addresses_that_hold_few_then_in_order() -> None:
    ranks, held = [SIGN_IN, PAGES, PAGES, PAGES, DESK, URGENT], [0, 9, 0, 0, 50, 0]
    assert run(in_order(lanes(), ranks, 6, held)) == [5, 4, 2, 0, 3, 1]


def test_however_much_there_is_of_one_kind_the_others_have_their_share() -> None:
    """Nurses who answer two hundred alerts kept every patient's page away for a minute."""
    ranks = [rank for rank in RANKS for _ in range(40)]
    order = run(in_order(lanes(), ranks, 2 * sum(SHARES)))
    assert [sum(ranks[one] == rank for one in order) for rank in RANKS] == [2 * share for share in SHARES]


@given(some.lists(some.integers(0, 30), min_size=len(SHARES), max_size=len(SHARES)), some.integers(1, 60))
def test_no_kind_waits_longer_than_its_share_says(many: list[int], turns: int) -> None:
    ranks = [rank for rank in RANKS for _ in range(many[rank])]
    had = [ranks[one] for one in run(in_order(lanes(), ranks, turns))]
    assert len(had) == min(turns, len(ranks))
    for rank in RANKS:
        least = int(len(had) * SHARES[rank] / sum(SHARES)) - 1
        assert had.count(rank) >= min(many[rank], least)


def test_a_kind_that_was_not_there_has_saved_nothing_up() -> None:
    async def scene() -> list[int]:
        house = lanes()
        await in_order(house, [URGENT] * 200, 200)
        house.leave("web")
        ranks = [URGENT] * 50 + [LOGS] * 50
        return [ranks[one] for one in await in_order(house, ranks, 18)]

    assert run(scene()).count(LOGS) == 2


def test_who_would_wait_in_vain_is_told_at_once() -> None:
    """A house that stays full costs nobody a wait: as many stand in line as had a turn in as long a time."""

    async def scene() -> tuple[int, bool, int, int]:
        house = lanes()

        async def come(rank: int = LOGS) -> None:
            await house.enter(Place(WEB, rank))

        def turned_away(tasks: "list[asyncio.Task[None]]") -> int:
            return sum(task.done() and isinstance(task.exception(), Full) for task in tasks)

        await come()
        # Nobody was turned away so far: thirty who come at once may all wait.
        crowd = [asyncio.create_task(come()) for _ in range(30)]
        await asyncio.sleep(0)
        at_first = turned_away(crowd)
        await pass_seconds(WAIT_SECONDS)
        waited = turned_away(crowd) == len(crowd)
        line = [asyncio.create_task(come()) for _ in range(30)]
        others = [asyncio.create_task(come(DESK)) for _ in range(30)]
        await pass_seconds(0)
        at_once = turned_away(line)
        assert turned_away(others) == 0
        await pass_seconds(WAIT_SECONDS)
        await pass_seconds(SHORT_SECONDS)
        later = [asyncio.create_task(come()) for _ in range(30)]
        await pass_seconds(0)
        after = turned_away(later)
        for task in (*line, *others, *later):
            task.cancel()
        await asyncio.gather(*line, *others, *later, return_exceptions=True)
        return at_first, waited, at_once, after

    assert run(scene()) == (0, True, 30 - SHORTEST_LINE, 0)


def test_the_one_turned_away_is_of_the_address_that_holds_most() -> None:
    async def scene() -> list[bool]:
        house = lanes()
        await house.enter(Place(WEB, PAGES))
        one = asyncio.create_task(house.enter(Place(WEB, PAGES)))
        await pass_seconds(0)
        await pass_seconds(WAIT_SECONDS)
        assert isinstance(one.exception(), Full)
        coming = [asyncio.create_task(house.enter(Place(WEB, PAGES), held)) for held in (9, 9, 9, 9, 1)]
        await pass_seconds(0)
        ended = [task.done() for task in coming]
        for task in coming:
            task.cancel()
        await asyncio.gather(*coming, return_exceptions=True)
        return ended

    assert run(scene()) == [False, False, False, True, False]


def test_a_turn_is_never_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever leaves or waits too long in the very moment of a turn hands it on."""
    monkeypatch.setattr("ops.lanes.WAIT_SECONDS", 0.02)

    async def scene() -> None:
        loop, house = asyncio.get_running_loop(), lanes()
        assert isinstance(loop, Still)
        for number in range(200):
            lane = await house.enter(Place(WEB, PAGES))
            waiting = asyncio.create_task(house.enter(Place(WEB, PAGES)))
            await asyncio.sleep(0)
            # Its time is up in every second round, noticed before the turn comes or in the same moment.
            loop.at += 0.02 * (number % 2)
            if number % 4 == 1:
                await asyncio.sleep(0)
            house.leave(lane)
            if number % 3:
                waiting.cancel()
            with contextlib.suppress(Full, asyncio.CancelledError):
                house.leave(await waiting)
        last = asyncio.create_task(house.enter(Place(WEB, PAGES)))
        await pass_seconds(0)
        assert last.done()
        assert last.result() == "web"

    run(scene())


def test_the_event_stream_takes_as_many_as_come() -> None:
    async def scene() -> set[str]:
        house = lanes()
        return {await house.enter(Place(("events",), PAGES)) for _ in range(100)}

    assert run_scene(scene()) == {"events"}


def test_a_household_of_ipv6_counts_as_one() -> None:
    assert neighbourhood("2001:db8::1") == neighbourhood("2001:db8::ffff:1")
    assert neighbourhood("2001:db8:0:1::1") != neighbourhood("2001:db8::1")
    assert neighbourhood("203.0.113.7") == "203.0.113.7"


def test_who_is_being_answered_makes_no_room() -> None:
    dropped: list[str] = []
    crowd = Crowd(most_of_one=2, most=3)
    visitors = [Visitor(address, lambda address=address: dropped.append(address)) for address in "aab"]
    with crowd.inside(visitors[0]), crowd.inside(visitors[1]), crowd.inside(visitors[2]):
        crowd.has_arrived(visitors[0])
        with crowd.inside(Visitor("a", print)):
            assert dropped == ["a"]
        assert crowd.held(visitors[0]) == 2
        crowd.has_arrived(visitors[2])
        with pytest.raises(NoRoom), crowd.inside(Visitor("c", print)):
            pass
    assert crowd.held(visitors[0]) == 0
