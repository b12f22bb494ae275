"""One address for one machine: /events/ goes to the event stream, everything else to the pages.

In production Caddy stands here. One request per connection, bounded headers and bodies. A body goes on once it is
whole: the few threads behind must not wait for a visitor who sends slowly. Answers are streamed.
"""

import asyncio
import contextlib
import re
import resource
import signal
import socket
import sys
from dataclasses import dataclass
from urllib.parse import unquote

HEAD_BYTES = 64 * 1024
# Twice what the pages take, so that they say themselves what is too much.
BODY_BYTES = 512 * 1024
CHUNK_BYTES = 64 * 1024
CONNECTIONS = 1000
HEAD_SECONDS, BODY_SECONDS, IDLE_SECONDS, ANSWER_SECONDS = 15, 30, 120, 60
# A process of ours that died is back within this time: its callers wait rather than fail.
COMEBACK_SECONDS = 20

TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")
REQUEST_LINE = re.compile(rb"([A-Z]{1,20}) (/[!-~]*) HTTP/1\.[01]\Z")
# Between two neighbours only (RFC 9110, 7.6.1), and what a visitor must not be able to say about itself.
NOT_FORWARDED = {b"connection", b"keep-alive", b"te", b"trailer", b"upgrade", b"expect"}
NOT_FORWARDED |= {b"forwarded", b"x-real-ip"}
NOT_FORWARDED_PREFIXES = (b"proxy-", b"x-forwarded-")

REASONS = {
    400: "Bad Request",
    408: "Request Timeout",
    411: "Length Required",
    413: "Content Too Large",
    431: "Request Header Fields Too Large",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}


class Refused(Exception):
    """The request ends here, with this status."""

    def __init__(self, status: int) -> None:
        super().__init__(REASONS[status])
        self.status = status


@dataclass(frozen=True)
class Request:
    """A request's head, checked, as it goes on to the process that answers."""

    path: str
    head: bytes
    body_bytes: int
    wants_continue: bool


def read_head(head: bytes, *, peer: str) -> Request:
    """Check a request's head and rewrite it for the process behind; raises Refused when it is not plain HTTP/1."""
    first, *lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    found = REQUEST_LINE.match(first)
    if not found:
        raise Refused(400)
    kept, lengths, wants_continue = [first], set[bytes](), False
    for line in lines:
        name, value = _header(line)
        if name == b"transfer-encoding":
            raise Refused(411)
        if name == b"content-length":
            lengths.add(value)
        wants_continue |= name == b"expect" and value.lower() == b"100-continue"
        # With an underscore it would pass for its sister with a dash.
        if name not in NOT_FORWARDED and not name.startswith(NOT_FORWARDED_PREFIXES) and b"_" not in name:
            kept.append(name + b": " + value)
    body_bytes = _body_bytes(lengths)
    kept += [b"x-forwarded-for: " + peer.encode(), b"x-forwarded-proto: http", b"connection: close"]
    path = unquote(found[2].decode("ascii").partition("?")[0])
    return Request(path, b"\r\n".join(kept) + b"\r\n\r\n", body_bytes, wants_continue)


def _header(line: bytes) -> tuple[bytes, bytes]:
    name, colon, value = line.partition(b":")
    value = value.strip(b" \t")
    if not colon or not TOKEN.match(name) or any(byte < 32 and byte != 9 for byte in value):
        raise Refused(400)
    return name.lower(), value


def _body_bytes(lengths: set[bytes]) -> int:
    if not lengths:
        return 0
    length = lengths.pop()
    if lengths or not length.isdigit() or len(length) > 12:
        raise Refused(400)
    if int(length) > BODY_BYTES:
        raise Refused(413)
    return int(length)


def answer_head(head: bytes) -> bytes:
    """An answer's head as the visitor gets it: this connection ends with it."""
    first, *lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    kept = [line for line in lines if line.partition(b":")[0].lower() not in (b"connection", b"keep-alive")]
    return b"\r\n".join([first, *kept, b"connection: close"]) + b"\r\n\r\n"


class Front:
    """Carries requests to the two processes behind, each on its own UNIX socket."""

    def __init__(self, *, web: str, events: str) -> None:
        self.web, self.events = web, events
        self._free = CONNECTIONS

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one request, one answer; never raises."""
        self._free -= 1
        try:
            await self._answer(reader, writer)
        except Refused as refusal:
            await _refuse(reader, writer, refusal.status)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # one of the two went away in the middle: there is nobody to tell
        finally:
            self._free += 1
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._free < 0:
            raise Refused(503)
        peer = writer.get_extra_info("peername")[0]
        request = read_head(await _head(reader, HEAD_SECONDS, too_large=431, too_late=408), peer=peer)
        if request.wants_continue:
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = await _body(reader, request.body_bytes)
        place = self.events if request.path.startswith("/events/") else self.web
        behind_reader, behind = await _connect(place)
        try:
            behind.write(request.head + body)
            await _both_ways(reader, writer, behind_reader)
        finally:
            behind.close()


async def _both_ways(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, behind_reader: asyncio.StreamReader
) -> None:
    """The answer comes out until it ends or the visitor leaves: a closed board must not keep its stream open."""
    upward = asyncio.create_task(_until_gone(reader))
    downward = asyncio.create_task(_relay_answer(behind_reader, writer))
    try:
        await asyncio.wait({upward, downward}, return_when=asyncio.FIRST_COMPLETED)
        if downward.done():
            await downward
    finally:
        upward.cancel()
        downward.cancel()
        await asyncio.gather(upward, downward, return_exceptions=True)


async def _body(reader: asyncio.StreamReader, length: int) -> bytes:
    """All of it, or Refused when it does not come in time."""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await reader.readexactly(length)
    except TimeoutError as error:
        raise Refused(408) from error


async def _until_gone(reader: asyncio.StreamReader) -> None:
    while await reader.read(CHUNK_BYTES):
        pass


async def _head(reader: asyncio.StreamReader, seconds: float, *, too_large: int, too_late: int) -> bytes:
    try:
        async with asyncio.timeout(seconds):
            return await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError as error:
        raise Refused(too_large) from error
    except TimeoutError as error:
        raise Refused(too_late) from error


async def _connect(place: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    deadline = asyncio.get_running_loop().time() + COMEBACK_SECONDS
    while True:
        try:
            return await asyncio.open_unix_connection(place, limit=HEAD_BYTES)
        except OSError as error:
            if asyncio.get_running_loop().time() > deadline:
                raise Refused(502) from error
            await asyncio.sleep(0.1)


async def _relay_answer(behind: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        head = await _head(behind, ANSWER_SECONDS, too_large=502, too_late=504)
    except asyncio.IncompleteReadError as error:
        raise Refused(502) from error
    writer.write(answer_head(head))
    while True:
        async with asyncio.timeout(IDLE_SECONDS):
            await writer.drain()
            chunk = await behind.read(CHUNK_BYTES)
        if not chunk:
            return
        writer.write(chunk)


async def _refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, status: int) -> None:
    body = f"{REASONS[status]}. Please try again in a moment.\n".encode()
    head = f"HTTP/1.1 {status} {REASONS[status]}\r\ncontent-type: text/plain; charset=utf-8\r\n"
    head += f"content-length: {len(body)}\r\ncache-control: no-store\r\nretry-after: 2\r\n"
    head += "connection: close\r\n\r\n"
    with contextlib.suppress(OSError, TimeoutError):
        writer.write(head.encode() + body)
        writer.write_eof()
        # Closed with unread bytes, the connection would be reset before the visitor has read why.
        async with asyncio.timeout(2):
            while await reader.read(CHUNK_BYTES):
                pass


async def _main(listeners: list[socket.socket], *, web: str, events: str) -> None:
    front = Front(web=web, events=events)
    for listener in listeners:
        await asyncio.start_server(front.serve, sock=listener, limit=HEAD_BYTES)
    asked_to_stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asked_to_stop.set)
    await asked_to_stop.wait()


if __name__ == "__main__":
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    inherited = [socket.socket(fileno=int(number)) for number in sys.argv[1].split(",")]
    asyncio.run(_main(inherited, web=sys.argv[2], events=sys.argv[3]))
