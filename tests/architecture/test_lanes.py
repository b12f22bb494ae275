"""Who is answered by which process, and in which order."""

import asyncio
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as some

from config.crowd import Crowd, NoRoom, Visitor, neighbourhood
from config.lanes import DESK, PAGES, SIGN_IN, URGENT, Full, Lane, Lanes, Place, place_of

CODE = "0d5c1c0e-93c5-4d0b-8e7d-2f6a0a6b7f11"


@pytest.mark.parametrize(
    ("method", "path", "priority", "first", "rank"),
    [
        ("POST", "/api/logs/", "u=0", "urgent", URGENT),
        ("POST", "/api/logs/", "i, u=0", "urgent", URGENT),
        ("POST", "/api/logs/", "", "web", DESK),
        ("POST", "/api/logs/", "u=01", "web", DESK),
        ("GET", "/api/logs/", "u=0", "web", DESK),
        # A form without a script cannot say what is in it.
        ("POST", "/log/", "", "urgent", URGENT),
        ("GET", "/log/", "u=0", "web", PAGES),
        ("POST", "/api/sealed-logs/", "", "urgent", URGENT),
        ("POST", "/hooks/sms/reply/", "", "urgent", URGENT),
        ("POST", f"/desk/alerts/{CODE}/acknowledge/", "", "urgent", URGENT),
        ("POST", f"/desk/patients/{CODE}/log/", "", "urgent", URGENT),
        ("POST", f"/desk/patients/{CODE}/contact/", "", "urgent", URGENT),
        ("GET", "/health/", "", "urgent", URGENT),
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


def lanes() -> Lanes:
    return Lanes({"web": Lane("", 1), "urgent": Lane("", 1), "events": Lane("")})


WEB = ("web",)


def test_turns_go_by_rank_then_to_addresses_that_hold_few_then_in_order() -> None:
    async def scene() -> list[str]:
        house, order = lanes(), list[str]()

        async def come(name: str, place: Place, held: int = 0) -> None:
            lane = await house.enter(place, held)
            order.append(name)
            house.leave(lane)

        await house.enter(Place(WEB, PAGES))
        coming = [
            asyncio.create_task(come(*arguments))
            for arguments in (
                ("signs in", Place(WEB, SIGN_IN)),
                ("of many", Place(WEB, PAGES), 9),
                ("first", Place(WEB, PAGES)),
                ("second", Place(WEB, PAGES)),
                ("desk", Place(WEB, DESK), 50),
            )
        ]
        await asyncio.sleep(0)
        house.leave("web")
        await asyncio.gather(*coming)
        return order

    assert asyncio.run(scene()) == ["desk", "first", "second", "of many", "signs in"]


def test_a_turn_is_never_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever leaves or waits too long in the very moment of a turn hands it on."""
    monkeypatch.setattr("config.lanes.WAIT_SECONDS", 0.02)

    async def scene() -> None:
        house = lanes()
        for number in range(200):
            lane = await house.enter(Place(WEB, PAGES))
            waiting = asyncio.create_task(house.enter(Place(WEB, PAGES)))
            await asyncio.sleep(0.02 * (number % 2))
            house.leave(lane)
            if number % 3:
                waiting.cancel()
            with contextlib.suppress(Full, asyncio.CancelledError):
                house.leave(await waiting)
        async with asyncio.timeout(1):
            assert await house.enter(Place(WEB, PAGES)) == "web"

    asyncio.run(scene())


def test_the_event_stream_takes_as_many_as_come() -> None:
    async def scene() -> set[str]:
        house = lanes()
        return {await house.enter(Place(("events",), PAGES)) for _ in range(100)}

    assert asyncio.run(scene()) == {"events"}


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
