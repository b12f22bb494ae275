"""A door in front of the event stream: when every screen comes back at once, only a few sign in side by side.

Each request asks the database who it is, on a connection of its own, before it becomes a stream that needs none.
Three hundred at the same moment would take every connection the database has, and pages would fail.
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
    """An ASGI app around another: a request holds a turn until the first piece of its body goes out."""

    def __init__(self, app: App, most: int = SIDE_BY_SIDE) -> None:
        self.app = app
        self.turns = asyncio.Semaphore(most)

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Wait for a turn, then pass everything on."""
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
