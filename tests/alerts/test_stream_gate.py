"""Many at the door, few inside."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

from alerts.screens.stream_gate import FewAtOnce
from tests.waiting import run_scene, until_async


class Streams:
    """An app that counts how many sign in at once, then streams until told to stop."""

    def __init__(self, fails: bool = False) -> None:
        self.inside = self.most = self.open = 0
        self.fails = fails
        self.stop = asyncio.Event()

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        self.inside += 1
        self.most = max(self.most, self.inside)
        await asyncio.sleep(0)
        self.inside -= 1
        if self.fails:
            raise ConnectionError
        await send({"type": "http.response.start"})
        self.open += 1
        await send({"type": "http.response.body"})
        await self.stop.wait()


async def nothing(*args: Any) -> Any:
    """Neither says nor hears."""


def test_a_hundred_screens_sign_in_a_few_at_a_time_and_all_stay() -> None:
    async def story() -> Streams:
        app = Streams()
        door = FewAtOnce(app, most=5)
        screens = [asyncio.create_task(door({}, nothing, nothing)) for _ in range(100)]
        await until_async(lambda: app.open == 100)
        app.stop.set()
        await asyncio.gather(*screens)
        return app

    app = run_scene(asyncio.wait_for(story(), 10))
    assert (app.open, app.most) == (100, 5)


def test_a_request_that_fails_gives_its_turn_back() -> None:
    async def story() -> int:
        app = Streams(fails=True)
        door = FewAtOnce(app, most=2)
        ends = await asyncio.gather(*[door({}, nothing, nothing) for _ in range(10)], return_exceptions=True)
        return len([end for end in ends if isinstance(end, ConnectionError)])

    assert run_scene(asyncio.wait_for(story(), 10)) == 10
