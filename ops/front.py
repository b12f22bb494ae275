"""One address for one machine: each request goes to the process that answers it, urgent work first.

In production Caddy stands before it, for TLS. One request per connection, bounded headers and bodies. A body goes
on once it is whole: the few threads behind must not wait for a visitor who sends slowly. Answers are streamed. How
many may come in says ops.crowd; who is answered next, ops.lanes.
"""

import argparse
import asyncio
import contextlib
import resource
import signal
import socket
import ssl
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any, TypeVar

from ops.crowd import Crowd, NoRoom, Visitor
from ops.http1 import Request, RequestRefused, answer_head, read_head, told
from ops.lanes import HEALTH_TURNS, LANES, THREADS, Full, Lane, Lanes, Place, may_repeat, place_of
from ops.refusing import CHUNK_BYTES, refuse

HEAD_BYTES = 64 * 1024
# Who knocks while others are let in. One too many is not told so: it knocks again after a whole second.
BACKLOG = 4096
HEAD_SECONDS, BODY_SECONDS, IDLE_SECONDS, ANSWER_SECONDS = 15, 30, 120, 60
# A process of ours that died is back within this time: its callers wait rather than fail.
COMEBACK_SECONDS = 20
# The pages on which an operator sees how many were refused here.
WHO_COUNT = ("/metrics", "/status/")
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Found = TypeVar("Found")


class NoAnswer(Exception):
    """A process took the request and ended before it said anything."""


class Front:
    """Carries requests to the processes behind, each on its own socket."""

    def __init__(
        self,
        places: Mapping[str, str],
        *,
        trusts: Callable[[str], bool] = lambda peer: False,
        believes: ssl.SSLContext | None = None,
    ) -> None:
        """places: where each lane listens, a path or host:port. trusts: is this peer a proxy of ours?

        believes: who the processes must show that they are; without it they are spoken to in the clear.
        """
        self._believes = believes
        lanes = {name: Lane(place, _turns(name)) for name, place in places.items()}
        self._lanes = Lanes({**lanes, "health": Lane(places["events"], HEALTH_TURNS)})
        # What never reached a page and so stands in no trail, by status, since this process began.
        self._refused: Counter[int] = Counter()
        self._crowd = Crowd()
        self._trusts = trusts
        self._seen_out: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one request, one answer. Raises nothing."""
        peer = writer.get_extra_info("peername")[0]
        trusted = self._trusts(peer)
        task = asyncio.current_task()
        assert task
        visitor = Visitor("" if trusted else peer, task.cancel)
        try:
            with self._crowd.inside(visitor):
                request, body = await self._whole(reader, writer, visitor, peer=peer, trusted=trusted)
                await self._answer(request, body, visitor, reader, writer)
        except RequestRefused as refusal:
            await self._refuse(reader, writer, refusal.status)
        except (NoRoom, Full):
            await self._refuse(reader, writer, 503)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # one of the two went away in the middle: there is nobody to tell
        except asyncio.CancelledError:
            pass  # it made room for another; raised, each such would be twenty lines in our log
        finally:
            writer.close()

    async def _whole(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        visitor: Visitor,
        *,
        peer: str,
        trusted: bool,
    ) -> tuple[Request, bytes]:
        """The request once all of it is here; until then this visitor is the first who makes room."""
        head = await _head(reader, HEAD_SECONDS, too_large=431, too_late=408)
        request = read_head(head, peer=peer, trusted=trusted)
        if trusted:
            self._crowd.is_known(visitor, request.address)
        if request.wants_continue:
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = await _body(reader, request.body_bytes)
        self._crowd.has_arrived(visitor)
        return request, body

    async def _answer(
        self,
        request: Request,
        body: bytes,
        visitor: Visitor,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        """Wait for a turn and carry the answer out, as long as there is somebody to carry it to."""
        gone = asyncio.create_task(_until_gone(reader))
        try:
            # A process that ended, or whose new version took its place: the next one does what may be done twice.
            for again in (may_repeat(request.method, request.path), False):
                try:
                    return await self._once(request, body, visitor, gone, writer)
                except NoAnswer as error:
                    if not again:
                        raise RequestRefused(503) from error
        finally:
            gone.cancel()
            await asyncio.gather(gone, return_exceptions=True)

    async def _once(
        self,
        request: Request,
        body: bytes,
        visitor: Visitor,
        gone: "asyncio.Task[None]",
        writer: asyncio.StreamWriter,
    ) -> None:
        """Raises NoAnswer when a process took the request and said nothing."""
        place = place_of(request.method, request.path, request.priority)
        lane, behind = await _unless(gone, self._turn(place, self._crowd.held(visitor)))
        head = told(request.head, self._refused) if request.path in WHO_COUNT else request.head
        carrying = asyncio.create_task(self._carry(lane, behind, head + body, writer))
        await asyncio.wait({gone, carrying}, return_when=asyncio.FIRST_COMPLETED)
        if carrying.done():
            await carrying
        else:
            self._see_out(lane, carrying)

    async def _turn(self, place: Place, held: int) -> tuple[str, Streams]:
        """A free thread of a process that is there: urgent work does not wait for one that still starts."""
        lane = await self._lanes.enter(place, held)
        others = tuple(name for name in place.lanes if name != lane)
        try:
            return lane, await (_open if others else _connect)(self._lanes.address(lane), self._believes)
        except BaseException as error:
            self._lanes.leave(lane)
            if not (others and isinstance(error, OSError)):
                raise
        return await self._turn(Place(others, place.rank), held)

    async def _carry(self, lane: str, behind: Streams, request: bytes, writer: asyncio.StreamWriter) -> None:
        reader, asking = behind
        try:
            asking.write(request)
            await _relay_answer(reader, writer)
        finally:
            asking.close()
            self._lanes.leave(lane)

    def _see_out(self, lane: str, carrying: "asyncio.Task[None]") -> None:
        """The visitor has left. A thread goes on all the same, and has no turn for others until it is done; but a
        closed board must not keep its stream open."""
        if not self._lanes.counts(lane):
            carrying.cancel()
        self._seen_out.add(carrying)
        carrying.add_done_callback(self._is_out)

    async def _refuse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, status: int) -> None:
        self._refused[status] += 1
        await refuse(reader, writer, status)

    def _is_out(self, carrying: "asyncio.Task[None]") -> None:
        self._seen_out.discard(carrying)
        if not carrying.cancelled():
            carrying.exception()  # nobody is left to tell


def _turns(name: str) -> int | None:
    processes, threads = THREADS.get(name, (0, 0))
    return processes * threads or None


async def _unless(gone: "asyncio.Task[None]", wanted: Coroutine[Any, Any, Found]) -> Found:
    """What is waited for; raises ConnectionError when the visitor leaves before it comes."""
    waiting = asyncio.create_task(wanted)
    try:
        await asyncio.wait({gone, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if waiting.done():
            return waiting.result()
        raise ConnectionError
    finally:
        waiting.cancel()


async def _body(reader: asyncio.StreamReader, length: int) -> bytes:
    """All of it, or RequestRefused when it does not come in time."""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await reader.readexactly(length)
    except TimeoutError as error:
        raise RequestRefused(408) from error


async def _until_gone(reader: asyncio.StreamReader) -> None:
    while await reader.read(CHUNK_BYTES):
        pass


async def _head(reader: asyncio.StreamReader, seconds: float, *, too_large: int, too_late: int) -> bytes:
    try:
        async with asyncio.timeout(seconds):
            return await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError as error:
        raise RequestRefused(too_large) from error
    except TimeoutError as error:
        raise RequestRefused(too_late) from error


async def _connect(place: str, believes: ssl.SSLContext | None) -> Streams:
    deadline = asyncio.get_running_loop().time() + COMEBACK_SECONDS
    while True:
        try:
            return await _open(place, believes)
        except OSError as error:
            if asyncio.get_running_loop().time() > deadline:
                raise RequestRefused(502) from error
            await asyncio.sleep(0.1)


async def _open(place: str, believes: ssl.SSLContext | None) -> Streams:
    if place.startswith("/"):
        return await asyncio.open_unix_connection(place, limit=HEAD_BYTES)
    host, _, port = place.rpartition(":")
    return await asyncio.open_connection(host, int(port), limit=HEAD_BYTES, ssl=believes)


async def _relay_answer(behind: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """To its end, also when nobody reads it any more."""
    try:
        head = await _head(behind, ANSWER_SECONDS, too_large=502, too_late=504)
    except (asyncio.IncompleteReadError, ConnectionError) as error:
        raise NoAnswer from error
    chunk = answer_head(head)
    while chunk:
        async with asyncio.timeout(IDLE_SECONDS):
            if not writer.is_closing():
                writer.write(chunk)
                with contextlib.suppress(ConnectionError):
                    await writer.drain()
            chunk = await behind.read(CHUNK_BYTES)


def trust(words: str) -> Callable[[str], bool]:
    """Whose word about who asks counts: networks with commas between them, or "private" for all private ones."""
    if words == "private":
        return lambda peer: ip_address(peer).is_private
    networks = [ip_network(word.strip(), strict=False) for word in words.split(",") if word.strip()]
    return lambda peer: any(ip_address(peer) in network for network in networks)


def by_tls(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """What is shown to whoever comes, and whom it takes for the processes behind."""
    shows = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    shows.load_cert_chain(folder / "own.crt", folder / "own.key")
    believes = ssl.create_default_context(cafile=folder / "authority.crt")
    for one in (shows, believes):
        one.minimum_version = ssl.TLSVersion.TLSv1_3
    return shows, believes


async def _main(listeners: list[socket.socket], front: Front, shows: ssl.SSLContext | None = None) -> None:
    for listener in listeners:
        await asyncio.start_server(front.serve, sock=listener, limit=HEAD_BYTES, backlog=BACKLOG, ssl=shows)
    asked_to_stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asked_to_stop.set)
    await asked_to_stop.wait()


def _listeners(words: str) -> list[socket.socket]:
    """Sockets that bin/up has taken already (fd:3,4), or a port of every address of this machine."""
    if words.startswith("fd:"):
        return [socket.socket(fileno=int(number)) for number in words.removeprefix("fd:").split(",")]
    return [socket.create_server(("", int(words)), backlog=BACKLOG)]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="ops.front", description=__doc__)
    parser.add_argument("--listen", required=True, type=_listeners, help="fd:NUMBERS, or a port")
    parser.add_argument(
        "--tls", type=Path, metavar="FOLDER", help="own.crt, own.key, authority.crt: TLS to both sides"
    )
    parser.add_argument("--trusts", default="", type=trust, help="proxies of ours: networks, or private")
    for name in LANES:
        parser.add_argument(f"--{name}", required=True, metavar="PLACE")
    return parser.parse_args()


if __name__ == "__main__":
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    asked = _options()
    shows, believes = by_tls(asked.tls) if asked.tls else (None, None)
    places = {name: getattr(asked, name) for name in LANES}
    asyncio.run(_main(asked.listen, Front(places, trusts=asked.trusts, believes=believes), shows))
