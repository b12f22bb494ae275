"""A limit in front of the event stream: when all screens reconnect at once, only a few sign in at a time.

Each request uses a database connection to find its person, before it becomes a stream that needs none. Three
hundred requests at once would use up all connections of the database, and pages would fail.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]

SIDE_BY_SIDE = 8


class FewAtOnce:
    """An ASGI app around another. A request holds one of a few turns until the first part of its body is sent."""

    def __init__(self, app: App, most: int = SIDE_BY_SIDE) -> None:
        self.app = app
        self.turns = asyncio.Semaphore(most)

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Wait for a turn, then run the inner app."""
        await self.turns.acquire()
        turn = [True]

        def give_back() -> None:
            if turn:
                turn.clear()
                self.turns.release()

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.body":
                give_back()
            await send(message)

        try:
            await self.app(scope, receive, send_on)
        finally:
            give_back()
