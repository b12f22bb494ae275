"""The front process of bin/up: what it lets through, where it sends it, and what it refuses."""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from ops import front
from ops.crowd import Crowd
from ops.front import HEAD_BYTES, Front, trust
from ops.http1 import BODY_BYTES, RequestRefused, answer_head, read_head
from ops.lanes import HEALTH_TURNS, LANES, THREADS, WAIT_SECONDS
from tests.waiting import run_scene, until_async

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
        *("Upgrade", "Proxy-Connection", "Connection", "X-Front-Refused"),
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
        ((), "TRACE / HTTP/1.1", 405),
        ((), "CONNECT / HTTP/1.1", 405),
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
    with pytest.raises(RequestRefused) as caught:
        forwarded(*lines, first=first)
    assert caught.value.status == status


def test_an_answer_ends_its_connection() -> None:
    assert answer_head(b"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nA: b\r\n\r\n") == (
        b"HTTP/1.1 200 OK\r\nA: b\r\nconnection: close\r\n\r\n"
    )


class Behind:
    """The processes behind, played by sockets, and the front before them. Without a handler nobody is there."""

    def __init__(self, directory: Path, *, trusts: str = "", **handlers: Handler) -> None:
        self.places = {name: str(directory / f"{name}.sock") for name in LANES}
        self.handlers, self.trusts = handlers, trusts

    async def __aenter__(self) -> "Behind":
        places = {name: self.places[name] for name in self.handlers}
        self.servers = [await asyncio.start_unix_server(self.handlers[n], p) for n, p in places.items()]
        self.front, self.came = Front(self.places, trusts=trust(self.trusts)), 0
        self.servers.append(await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=HEAD_BYTES))
        self.port = self.servers[-1].sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *error: object) -> None:
        for server in self.servers:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.came += 1
        await self.front.serve(reader, writer)

    def inside(self) -> int:
        """How many visitors are in the front's hands."""
        return self.front._crowd._inside.total()

    async def open(self, local: str = "127.0.0.1") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection from this address of ours."""
        return await asyncio.open_connection("127.0.0.1", self.port, local_addr=(local, 0))

    async def ask(self, request: bytes, local: str = "127.0.0.1") -> bytes:
        reader, writer = await self.open(local)
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

    assert run_scene(scene()).endswith(who)


def test_a_header_larger_than_the_bound_is_refused_and_the_visitor_can_read_why(tmp_path: Path) -> None:
    async def scene() -> bytes:
        async with Behind(tmp_path, web=answering(b""), events=answering(b"")) as behind:
            return await behind.ask(head("a: " + "x" * (HEAD_BYTES + 200_000)))

    answer = run_scene(scene())
    assert answer.startswith(b"HTTP/1.1 431 ")
    # As every page says it.
    for line in (b"content-security-policy: default-src 'none'", b"nosniff", b"x-frame-options: DENY"):
        assert line in answer


@pytest.mark.parametrize(("path", "is_told"), [("/metrics", True), ("/status/", True), ("/", False)])
def test_what_the_door_refused_is_told_to_who_counts_and_to_nobody_else(
    tmp_path: Path, path: str, is_told: bool
) -> None:
    asked: list[bytes] = []

    async def note(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        writer.close()

    async def scene() -> None:
        async with Behind(tmp_path, web=note, events=note) as behind:
            for _ in range(2):
                await behind.ask(head(first="TRACE / HTTP/1.1"))
            await behind.ask(head(f"Content-Length: {BODY_BYTES + 1}", first="POST / HTTP/1.1"))
            await behind.ask(head("X-Front-Refused: 503=7", first=f"GET {path} HTTP/1.1"))

    run_scene(scene())
    assert (b"x-front-refused: 405=2, 413=1\r\n" in asked[0]) == is_told
    assert b"503=7" not in asked[0]


def test_a_full_house_says_how_it_is_and_a_flood_of_such_questions_takes_two_turns(tmp_path: Path) -> None:
    async def scene() -> tuple[bytes, int]:
        end, inside = asyncio.Event(), 0

        async def busy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await end.wait()
            writer.close()

        async def stream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal inside
            inside += 1
            if inside > 1:
                await end.wait()
            writer.write(b"HTTP/1.1 200 OK\r\n\r\nwell")
            writer.close()

        async with Behind(tmp_path, web=busy, events=stream) as behind:
            pages = [asyncio.create_task(behind.ask(head(first="GET /today/ HTTP/1.1"))) for _ in range(20)]
            await until_async(lambda: behind.front._lanes._lanes["web"].free == 0)
            answer = await behind.ask(head(first="GET /health/ HTTP/1.1"))
            flood = [asyncio.create_task(behind.ask(head(first="GET /health/ HTTP/1.1"))) for _ in range(9)]
            await until_async(lambda: inside == 3)
            await until_async(lambda: sum(one.done() for one in flood) == 7)
            most = inside
            end.set()
            await asyncio.gather(*pages, *flood)
        return answer, most

    answer, most = run_scene(scene())
    assert answer.endswith(b"well")
    assert most == 1 + HEALTH_TURNS


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

    assert run_scene(scene()).endswith(b"\r\n\r\n300000")


def test_a_slow_body_keeps_no_process_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few visitors who send a letter now and then would hold every thread, and an urgent log with it."""
    monkeypatch.setattr("ops.front.BODY_SECONDS", 0.3)
    asked: list[bytes] = []

    async def note(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.close()

    async def scene() -> bytes:
        async with Behind(tmp_path, web=note, events=note) as behind:
            begun = head("Content-Length: 5000", first="POST /hooks/sms/reply/ HTTP/1.1") + b"From="
            return await behind.ask(begun)

    assert run_scene(scene()).startswith(b"HTTP/1.1 408 ")
    assert asked == []


def test_a_body_larger_than_any_page_takes_is_refused_before_it_is_read() -> None:
    assert BODY_BYTES >= 2 * settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    with pytest.raises(RequestRefused) as refused:
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

    run_scene(scene())


def test_a_process_that_starts_again_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened, refused = front._open, list[OSError]()

    async def note(*place: Any) -> Any:
        try:
            return await opened(*place)
        except OSError as error:
            refused.append(error)
            raise

    monkeypatch.setattr(front, "_open", note)

    async def scene() -> bytes:
        async with Behind(tmp_path, web=answering(b"back"), events=answering(b"")) as behind:
            behind.servers[0].close()
            Path(behind.places["web"]).unlink()
            answer = asyncio.create_task(behind.ask(head()))
            await until_async(lambda: len(refused) > 1)
            behind.servers.append(await asyncio.start_unix_server(answering(b"back"), behind.places["web"]))
            return await answer

    assert run_scene(scene()).endswith(b"back")


def test_only_our_own_proxy_says_who_asks() -> None:
    lines = ("X-Forwarded-For: 10.9.9.9, 203.0.113.7", "X-Forwarded-Proto: https")
    told = read_head(head(*lines), peer="172.18.0.5", trusted=True)
    assert told.address == "203.0.113.7"
    assert b"x-forwarded-for: 203.0.113.7\r\n" in told.head
    assert b"x-forwarded-proto: https\r\n" in told.head
    assert read_head(head("X-Forwarded-For: nobody"), peer="172.18.0.5", trusted=True).address == "172.18.0.5"
    assert read_head(head(*lines), peer="172.18.0.5").address == "172.18.0.5"


def test_trust_is_given_to_networks() -> None:
    assert trust("private")("172.18.0.5")
    assert not trust("private")("8.8.8.8")
    assert trust("203.0.113.0/24, 10.0.0.1")("203.0.113.7")
    assert not trust("")("127.0.0.1")


class Threads:
    """A process with threads that are busy until they are let go."""

    def __init__(self, name: bytes) -> None:
        self.name, self.asked = name, list[bytes]()
        self.go = asyncio.Event()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readuntil(b"\r\n\r\n")
        self.asked.append(asked.split(b"\r\n")[0])
        await self.go.wait()
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n" + self.name)
        writer.close()


def post(path: str, *lines: str) -> bytes:
    return head(*lines, "Content-Length: 0", first=f"POST {path} HTTP/1.1")


TURNS = {name: processes * threads for name, (processes, threads) in THREADS.items()}


def test_a_full_house_says_so_within_a_second_and_urgent_work_still_goes_in(tmp_path: Path) -> None:
    async def scene() -> tuple[bytes, bytes]:
        web, urgent = Threads(b"pages"), Threads(b"urgent")
        async with Behind(tmp_path, web=web, urgent=urgent) as behind:
            reading = [asyncio.create_task(behind.ask(head())) for _ in range(TURNS["web"])]
            await until_async(lambda: len(web.asked) == TURNS["web"])
            turned_away = await behind.ask(head())
            urgent.go.set()
            heard = await behind.ask(post("/api/logs/", "Priority: u=0"))
            web.go.set()
            await asyncio.gather(*reading)
            return turned_away, heard

    # Nobody inside was done meanwhile.
    turned_away, heard = run_scene(scene())
    assert turned_away.startswith(b"HTTP/1.1 503 ")
    assert b"retry-after: " in turned_away
    assert WAIT_SECONDS < 1
    assert heard.endswith(b"urgent")


def test_urgent_work_uses_a_free_thread_of_the_pages_too(tmp_path: Path) -> None:
    async def scene() -> int:
        web, urgent = Threads(b"pages"), Threads(b"urgent")
        async with Behind(tmp_path, web=web, urgent=urgent) as behind:
            logs = [asyncio.create_task(behind.ask(post("/log/"))) for _ in range(TURNS["urgent"] + 1)]
            await until_async(lambda: len(urgent.asked) + len(web.asked) == len(logs))
            web.go.set()
            urgent.go.set()
            await asyncio.gather(*logs)
            return len(web.asked)

    assert run_scene(scene()) == 1


def test_urgent_work_is_answered_by_the_pages_while_its_own_process_is_away(tmp_path: Path) -> None:
    async def scene() -> bytes:
        async with Behind(tmp_path, web=answering(b"pages")) as behind:
            return await asyncio.wait_for(behind.ask(post("/api/sealed-logs/")), 2)

    assert run_scene(scene()).endswith(b"pages")


@pytest.mark.parametrize(("path", "answer"), [("/log/", b"second"), ("/desk/before/", b"503")])
def test_a_process_that_ends_without_a_word_is_asked_again_where_that_is_harmless(
    tmp_path: Path, path: str, answer: bytes
) -> None:
    async def scene() -> bytes:
        asked: list[bytes] = []

        async def dies_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            asked.append(await reader.readuntil(b"\r\n\r\n"))
            if len(asked) > 1:
                writer.write(b"HTTP/1.1 200 OK\r\n\r\nsecond")
            writer.close()

        async with Behind(tmp_path, web=dies_once, urgent=dies_once) as behind:
            return await behind.ask(post(path))

    assert answer in run_scene(scene())


def test_who_leaves_while_waiting_is_never_worked_off(tmp_path: Path) -> None:
    async def scene() -> list[bytes]:
        web = Threads(b"pages")
        async with Behind(tmp_path, web=web) as behind:
            reading = [asyncio.create_task(behind.ask(head())) for _ in range(TURNS["web"])]
            await until_async(lambda: len(web.asked) == TURNS["web"])
            _, writer = await behind.open()
            writer.write(head(first="GET /given-up/ HTTP/1.1"))
            await until_async(lambda: behind.inside() == TURNS["web"] + 1)
            writer.close()
            await until_async(lambda: behind.inside() == TURNS["web"])
            web.go.set()
            await asyncio.gather(*reading)
            await behind.ask(head())
            return web.asked

    assert not [asked for asked in run_scene(scene()) if b"given-up" in asked]


def test_a_thread_that_works_for_somebody_who_left_has_no_turn_to_give(tmp_path: Path) -> None:
    async def scene() -> tuple[bytes, bytes]:
        web = Threads(b"pages")
        async with Behind(tmp_path, web=web) as behind:
            for number in range(TURNS["web"]):
                _, writer = await behind.open()
                writer.write(head())
                await until_async(lambda asked=number + 1: len(web.asked) == asked)
                writer.close()
                await until_async(lambda: behind.inside() == 0)
            busy = await behind.ask(head())
            web.go.set()
            await until_async(lambda: not behind.front._seen_out)
            return busy, await behind.ask(head())

    busy, after = run_scene(scene())
    assert busy.startswith(b"HTTP/1.1 503 ")
    assert after.endswith(b"pages")


@pytest.mark.parametrize("local", ["127.0.0.1", "127.0.0.2"])
@pytest.mark.slow
def test_an_address_that_holds_a_thousand_lines_open_closes_the_house_for_nobody(
    tmp_path: Path, local: str
) -> None:
    async def scene() -> bytes:
        async with Behind(tmp_path, web=answering(b"pages")) as behind:
            held = [await behind.open() for _ in range(1100)]
            for _, writer in held:
                writer.write(b"GET / HTTP/1.1\r\nhost: lo")
            await until_async(lambda: behind.came == len(held))
            answer = await behind.ask(head(), local)
            for _, writer in held:
                writer.close()
            return answer

    assert run_scene(scene()).endswith(b"pages")


@pytest.mark.parametrize("trusts", ["", "127.0.0.0/8"])
def test_many_addresses_that_hold_lines_open_lose_the_oldest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trusts: str
) -> None:
    monkeypatch.setattr("ops.front.Crowd", lambda: Crowd(most_of_one=3, most=9))

    async def scene() -> tuple[bytes, bytes]:
        async with Behind(tmp_path, web=answering(b"pages"), trusts=trusts) as behind:
            held = [await behind.open(f"127.0.0.{number}") for number in range(1, 10)]
            await until_async(lambda: behind.came == len(held))
            answer = await behind.ask(head("X-Forwarded-For: 203.0.113.7"), "127.0.0.99")
            first = await asyncio.wait_for(held[0][0].read(), 2)
            for _, writer in held:
                writer.close()
            return answer, first

    answer, first = run_scene(scene())
    assert answer.endswith(b"pages")
    assert first == b""


def test_many_who_knock_in_the_same_moment_are_all_let_in(tmp_path: Path) -> None:
    """Whom the kernel has no room for knocks again after a whole second: nobody could be told in time."""
    many = min(300, int(Path("/proc/sys/net/core/somaxconn").read_text()))

    async def scene(listener: socket.socket) -> int:
        serving = asyncio.create_task(front._main([listener], Front(dict.fromkeys(LANES, ""))))
        for _ in range(5):  # it takes no time to begin
            await asyncio.sleep(0)
        callers = [socket.socket() for _ in range(many)]
        # Nothing of ours runs meanwhile: the front is busy with others.
        for caller in callers:
            caller.settimeout(0.3)
            with contextlib.suppress(TimeoutError):
                caller.connect(listener.getsockname())
                caller.settimeout(None)
        let_in = sum(caller.gettimeout() is None for caller in callers)
        for caller in callers:
            caller.close()
        serving.cancel()
        return let_in

    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert run_scene(scene(listener)) == many


def test_a_line_that_made_room_is_no_line_in_our_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ops.front.Crowd", lambda: Crowd(most_of_one=2, most=9))
    said: list[object] = []

    async def scene() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: said.append(context))
        async with Behind(tmp_path, web=answering(b"pages")) as behind:
            held = [await behind.open() for _ in range(4)]
            assert await asyncio.wait_for(held[0][0].read(), 2) == b""
            for _, writer in held:
                writer.close()

    run_scene(scene())
    assert said == []
