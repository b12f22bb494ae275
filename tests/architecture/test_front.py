"""The front process of bin/up: what it lets through, where it sends it, and what it refuses."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from django.conf import settings

from config.front import BODY_BYTES, HEAD_BYTES, Front, Refused, answer_head, read_head

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def head(*lines: str, first: str = "GET / HTTP/1.1") -> bytes:
    return "\r\n".join([first, *lines, "", ""]).encode()


def forwarded(*lines: str, first: str = "GET / HTTP/1.1") -> bytes:
    return read_head(head(*lines, first=first), peer="10.0.0.9").head


def test_it_tells_the_pages_who_is_asking() -> None:
    sent = forwarded("Host: localhost")
    assert b"x-forwarded-for: 10.0.0.9\r\n" in sent
    assert b"x-forwarded-proto: http\r\n" in sent
    assert b"host: localhost\r\n" in sent


@pytest.mark.parametrize(
    "name",
    [
        *("X-Forwarded-For", "X_Forwarded_For", "x-forwarded-proto", "X-Forwarded-Host", "Forwarded", "X-Real-IP"),
        *("Upgrade", "Proxy-Connection", "Connection"),
    ],
)
def test_a_visitor_cannot_say_who_it_is_or_speak_to_the_next_hop(name: str) -> None:
    assert b"spoofed" not in forwarded(f"{name}: spoofed")


@pytest.mark.parametrize(
    ("lines", "first", "status"),
    [
        ((), "GET http://elsewhere/ HTTP/1.1", 400),
        ((), "GET / HTTP/2.0", 400),
        ((), "GET /a b HTTP/1.1", 400),
        ((" folded: line",), "GET / HTTP/1.1", 400),
        (("no colon",), "GET / HTTP/1.1", 400),
        (("a: \x01",), "GET / HTTP/1.1", 400),
        (("a: b\nc: d",), "GET / HTTP/1.1", 400),
        (("Content-Length: 1", "Content-Length: 2"), "POST / HTTP/1.1", 400),
        (("Content-Length: -1",), "POST / HTTP/1.1", 400),
        (("Content-Length: 99999999999",), "POST / HTTP/1.1", 413),
        (("Transfer-Encoding: chunked",), "POST / HTTP/1.1", 411),
    ],
)
def test_a_request_that_two_servers_could_read_differently_is_refused(
    lines: tuple[str, ...], first: str, status: int
) -> None:
    with pytest.raises(Refused) as caught:
        forwarded(*lines, first=first)
    assert caught.value.status == status


def test_an_answer_ends_its_connection() -> None:
    assert answer_head(b"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nA: b\r\n\r\n") == (
        b"HTTP/1.1 200 OK\r\nA: b\r\nconnection: close\r\n\r\n"
    )


class Behind:
    """The two processes behind, played by two sockets, and the front before them."""

    def __init__(self, directory: Path, *, web: Handler, events: Handler) -> None:
        self.places = {"web": str(directory / "web.sock"), "events": str(directory / "events.sock")}
        self.handlers = {"web": web, "events": events}

    async def __aenter__(self) -> "Behind":
        self.servers = [await asyncio.start_unix_server(self.handlers[n], p) for n, p in self.places.items()]
        front = Front(web=self.places["web"], events=self.places["events"])
        self.servers.append(await asyncio.start_server(front.serve, "127.0.0.1", 0, limit=HEAD_BYTES))
        self.port = self.servers[-1].sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *error: object) -> None:
        for server in self.servers:
            server.close()

    async def ask(self, request: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(request)
        answer = await asyncio.wait_for(reader.read(), 10)
        writer.close()
        return answer


def answering(body: bytes) -> Handler:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nconnection: keep-alive\r\n\r\n" + body)
        writer.close()

    return handle


@pytest.mark.parametrize(
    ("path", "who"),
    [("/", b"pages"), ("/events/board/", b"stream"), ("/%65vents/board/", b"stream"), ("/eventsx", b"pages")],
)
def test_only_the_event_stream_goes_to_its_process(tmp_path: Path, path: str, who: bytes) -> None:
    async def scene() -> bytes:
        async with Behind(tmp_path, web=answering(b"pages"), events=answering(b"stream")) as behind:
            return await behind.ask(head(first=f"GET {path} HTTP/1.1"))

    assert asyncio.run(scene()).endswith(who)


def test_a_header_larger_than_the_bound_is_refused_and_the_visitor_can_read_why(tmp_path: Path) -> None:
    async def scene() -> bytes:
        async with Behind(tmp_path, web=answering(b""), events=answering(b"")) as behind:
            return await behind.ask(head("a: " + "x" * (HEAD_BYTES + 200_000)))

    assert asyncio.run(scene()).startswith(b"HTTP/1.1 431 ")


def test_a_body_passes_whole(tmp_path: Path) -> None:
    async def count(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = await reader.readexactly(300_000)
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n%d" % body.count(b"x"))
        writer.close()

    async def scene() -> bytes:
        async with Behind(tmp_path, web=count, events=count) as behind:
            return await behind.ask(
                head("Content-Length: 300000", first="POST / HTTP/1.1") + b"x" * 300_000 + b"GET /next HTTP/1.1"
            )

    assert asyncio.run(scene()).endswith(b"\r\n\r\n300000")


def test_a_slow_body_keeps_no_process_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few visitors who send a letter now and then would hold every thread, and an urgent log with it."""
    monkeypatch.setattr("config.front.BODY_SECONDS", 0.3)
    asked: list[bytes] = []

    async def note(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.close()

    async def scene() -> bytes:
        async with Behind(tmp_path, web=note, events=note) as behind:
            begun = head("Content-Length: 5000", first="POST /hooks/sms/reply/ HTTP/1.1") + b"From="
            return await behind.ask(begun)

    assert asyncio.run(scene()).startswith(b"HTTP/1.1 408 ")
    assert asked == []


def test_a_body_larger_than_any_page_takes_is_refused_before_it_is_read() -> None:
    assert BODY_BYTES >= 2 * settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    with pytest.raises(Refused) as refused:
        read_head(head(f"Content-Length: {BODY_BYTES + 1}", first="POST / HTTP/1.1"), peer="10.0.0.9")
    assert refused.value.status == 413


def test_an_event_is_passed_on_at_once_and_a_closed_board_ends_its_stream(tmp_path: Path) -> None:
    async def scene() -> None:
        closed = asyncio.Event()

        async def stream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: changed\n\n")
            await reader.read()
            closed.set()
            writer.close()

        async with Behind(tmp_path, web=stream, events=stream) as behind:
            reader, writer = await asyncio.open_connection("127.0.0.1", behind.port)
            writer.write(head(first="GET /events/board/ HTTP/1.1"))
            await asyncio.wait_for(reader.readuntil(b"data: changed\n\n"), 5)
            writer.close()
            await asyncio.wait_for(closed.wait(), 5)

    asyncio.run(scene())


def test_a_process_that_starts_again_is_waited_for(tmp_path: Path) -> None:
    async def scene() -> bytes:
        async with Behind(tmp_path, web=answering(b"back"), events=answering(b"")) as behind:
            behind.servers[0].close()
            Path(behind.places["web"]).unlink()
            answer = asyncio.create_task(behind.ask(head()))
            await asyncio.sleep(0.5)
            behind.servers.append(await asyncio.start_unix_server(answering(b"back"), behind.places["web"]))
            return await answer

    assert asyncio.run(scene()).endswith(b"back")
