"""The front process: one address for one machine, which hands each request to a server process, urgent work first.

In production Caddy stands before it and does TLS. Each connection carries one request; headers and bodies have a
size limit. The front forwards a body only when all of it has arrived, so that a slow sender does not block one of
the few server threads. It streams answers. ops.crowd limits the open connections, ops.lanes orders the requests.
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
# Connections the kernel queues until we accept them. It drops one too many without a word, and the caller tries
# again only after a second.
BACKLOG = 4096
HEAD_SECONDS, BODY_SECONDS, IDLE_SECONDS, ANSWER_SECONDS = 15, 30, 120, 60
# The supervisor restarts a dead server process within this time, so requests wait for it instead of failing.
COMEBACK_SECONDS = 20
# The pages that show operators how many requests the front refused.
WHO_COUNT = ("/metrics", "/status/")
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Found = TypeVar("Found")


class NoAnswer(Exception):
    """A server process took the request and ended before it answered."""


class Front:
    """Forwards requests to the server processes, each of which listens on its own socket."""

    def __init__(
        self,
        places: Mapping[str, str],
        *,
        trusts: Callable[[str], bool] = lambda peer: False,
        believes: ssl.SSLContext | None = None,
    ) -> None:
        """places: where each lane listens, a path or host:port. trusts: tells whether a peer is our own proxy.

        believes: the TLS context that checks the certificates of the server processes; None means plain text.
        """
        self._believes = believes
        lanes = {name: Lane(place, _turns(name)) for name, place in places.items()}
        self._lanes = Lanes({**lanes, "health": Lane(places["events"], HEALTH_TURNS)})
        # Refused requests that reached no page and so are in no trail: counts by status since this process began.
        self._refused: Counter[int] = Counter()
        self._crowd = Crowd()
        self._trusts = trusts
        self._seen_out: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection: read one request and write one answer. Raises nothing."""
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
            pass  # the visitor or the server process disconnected: no answer can be delivered
        except asyncio.CancelledError:
            pass  # the crowd closed this connection to make room; raising it would log twenty lines each time
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
        """Return the whole request; until it has arrived, the crowd may close this connection to make room."""
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
        """Wait for a turn and deliver the answer, unless the visitor disconnects first."""
        gone = asyncio.create_task(_until_gone(reader))
        try:
            # The process ended, or a new version replaced it: send a request that may be repeated to the next one.
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
        """Try once to get an answer; raises NoAnswer when a process took the request and did not answer."""
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
        """Return a lane with a free thread, and its connection; urgent work skips a process that still starts."""
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
        """Handle a visitor who left: the server thread still finishes, and its turn stays taken until it has.

        In the lane of streams, which counts no turns, the stream is closed at once.
        """
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
            carrying.exception()  # marks it as read: the visitor is gone


def _turns(name: str) -> int | None:
    processes, threads = THREADS.get(name, (0, 0))
    return processes * threads or None


async def _unless(gone: "asyncio.Task[None]", wanted: Coroutine[Any, Any, Found]) -> Found:
    """Return the result of `wanted`; raises ConnectionError when the visitor leaves first."""
    waiting = asyncio.create_task(wanted)
    try:
        await asyncio.wait({gone, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if waiting.done():
            return waiting.result()
        raise ConnectionError
    finally:
        waiting.cancel()


async def _body(reader: asyncio.StreamReader, length: int) -> bytes:
    """Return the whole body; raises RequestRefused (408) when it takes longer than BODY_SECONDS."""
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
    """Relay the whole answer; when the visitor has left, read it to its end all the same."""
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
    """Return a test for trusted proxies; `words`: networks, with commas, or "private" for all private ones."""
    if words == "private":
        return lambda peer: ip_address(peer).is_private
    networks = [ip_network(word.strip(), strict=False) for word in words.split(",") if word.strip()]
    return lambda peer: any(ip_address(peer) in network for network in networks)


def by_tls(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return two TLS contexts: the one visitors get, and the one that checks the server processes."""
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
    """Return the sockets that bin/up has opened (fd:3,4), or open a port on every address of this machine."""
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
