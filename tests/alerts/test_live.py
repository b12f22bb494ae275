"""Screens hear that something changed, and nothing else."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, TypeVar

import pytest
import redis
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connection, connections
from django.test import AsyncClient, Client

from alerts.monitoring.sweep import sweep
from alerts.screens import live, stream
from alerts.tasks import tick
from patients.models import Staff, User
from patients.services.staff import change_staff
from tests.alerts.steps import CHEST, raise_for
from tests.people import Cast, cast
from tests.waiting import run_scene, until_async

pytestmark = pytest.mark.django_db(transaction=True)
BOARD = "/events/board/"
T = TypeVar("T")


@pytest.fixture
def people(transactional_db: None) -> Cast:
    """Everybody, committed."""
    return cast()


@pytest.fixture
def wire() -> Iterator[redis.Redis]:
    """Straight to Redis, with no hint left over from another test."""
    client = redis.Redis.from_url(settings.REDIS_URL)
    client.delete(live.HINTED)
    yield client
    client.delete(live.HINTED)
    client.close()


def signed_in(staff: Staff) -> AsyncClient:
    """A browser of somebody on the staff."""
    client = AsyncClient()
    client.force_login(staff.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def apart(call: Callable[[], T]) -> T:
    """In a thread of its own: a browser driven in this one has its event loop here.

    At the end no connection to the database is left, as a server's request leaves none.
    """

    def called() -> T:
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(called).result()


def run(story: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """The story in an event loop of its own."""

    async def told() -> T:
        try:
            return await story()
        finally:
            await sync_to_async(connections.close_all)()

    return apart(lambda: run_scene(told()))


def status_for(user: User | None = None, method: str = "get") -> int:
    """What a process that only serves pages answers."""
    client = Client()
    if user:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return apart(lambda: int(getattr(client, method)(BOARD).status_code))


async def open_stream(staff: Staff) -> AsyncIterator[bytes]:
    """The body of a stream, past its first line."""
    client = await sync_to_async(signed_in)(staff)
    response = await client.get(BOARD)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/event-stream"
    assert response["Cache-Control"] == "no-store"
    body: AsyncIterator[bytes] = aiter(response)  # type: ignore[arg-type]
    assert await anext(body) == b"retry: 3000\n\n"
    return body


async def read_on(body: AsyncIterator[bytes], heard: set[int] | None = None) -> None:
    """A browser that stays. heard: gets the length of whatever it hears."""
    async for said in body:
        if heard is not None:
            heard.add(len(said))


async def subscribed(body: AsyncIterator[bytes]) -> None:
    """The first "changed" comes when Redis is listened to: something may have been missed before."""
    assert (await asyncio.wait_for(anext(body), 5)).startswith(b"event: changed\n")


def test_a_stream_ends_with_the_sign_in_it_was_opened_by(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "ASK_SECONDS", 0.0)
    monkeypatch.setattr(stream, "HEARTBEAT_SECONDS", 0.1)

    async def story() -> list[bytes]:
        body = await open_stream(people.nurse)
        await subscribed(body)
        assert await asyncio.wait_for(anext(body), 2) == b": still here\n\n"
        ended = sync_to_async(change_staff)
        await ended(manager=people.manager, person=people.nurse, active=True, role="physician")
        await sync_to_async(live.publish)(people.clinic.pk)
        return await asyncio.wait_for(read_to_the_end(body), 3)

    assert b"changed" not in b"".join(run(story))


async def read_to_the_end(body: AsyncIterator[bytes]) -> list[bytes]:
    """What a stream still says."""
    return [said async for said in body]


def test_a_change_reaches_the_screens_of_its_clinic_within_a_second(people: Cast) -> None:
    async def story() -> bytes:
        body = await open_stream(people.nurse)
        await subscribed(body)
        await sync_to_async(live.publish)(people.clinic.pk)
        said = await asyncio.wait_for(anext(body), 1)
        await body.aclose()  # type: ignore[attr-defined]
        return said

    said = run(story)
    kind, data, *_ = said.decode().split("\n")
    assert kind == "event: changed"
    assert data.removeprefix("data: ").isdigit()


def test_a_change_in_another_clinic_is_not_heard(people: Cast, monkeypatch: Any) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT_SECONDS", 0.5)

    async def story() -> bytes:
        body = await open_stream(people.other_nurse)
        await subscribed(body)
        await sync_to_async(live.publish)(people.clinic.pk)
        return await asyncio.wait_for(anext(body), 2)

    assert run(story) == b": still here\n\n"


def test_a_stream_ends_so_that_a_sign_out_is_honoured(people: Cast, monkeypatch: Any) -> None:
    monkeypatch.setattr(stream, "LIFETIME_SECONDS", 0.3)
    monkeypatch.setattr(stream, "HEARTBEAT_SECONDS", 0.1)

    async def story() -> list[bytes]:
        return [text async for text in await open_stream(people.nurse)]

    assert run(story)


@pytest.mark.slow
def test_many_streams_share_one_connection_and_hold_none_to_the_database(people: Cast, wire: redis.Redis) -> None:
    own = str(wire.connection_pool.connection_kwargs.get("db", 0))

    def listening() -> int:
        """Ours only: a parallel run shares the server and listens too."""
        return len([row for row in wire.client_list() if row["psub"] != "0" and row["db"] == own])

    def database_connections() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
            return int(cursor.fetchone()[0])

    async def story() -> tuple[int, int]:
        bodies = [await open_stream(people.nurse) for _ in range(30)]
        await subscribed(bodies[0])
        heard: list[set[int]] = [set() for _ in bodies]
        readers = [asyncio.create_task(read_on(body, ears)) for body, ears in zip(bodies, heard, strict=True)]
        await sync_to_async(live.publish)(people.clinic.pk)
        await until_async(lambda: all(heard))
        assert await sync_to_async(lambda: connection.connection)() is None
        counted = await sync_to_async(listening)(), await sync_to_async(database_connections)()
        for reader in readers:
            reader.cancel()  # what the server does when a browser goes away
        await asyncio.gather(*readers, return_exceptions=True)
        await until_async(lambda: listening() == before)
        return counted

    before, held_before = listening(), database_connections()
    during, connections_held = run(story)
    assert during - before == 1
    assert connections_held <= held_before + 1


def test_strangers_and_patients_hear_nothing(people: Cast) -> None:
    assert status_for() == 401
    for user in (people.patient.user, people.helper.user):
        assert user
        assert status_for(user) == 401
    Staff.objects.filter(pk=people.nurse.pk).update(active=False)
    assert status_for(people.nurse.user) == 401
    assert status_for(people.nurse.user, "post") == 405


def test_without_redis_a_stream_tries_less_and_less_often_and_says_so_once(
    people: Cast, settings: Any, monkeypatch: Any, caplog: Any
) -> None:
    came: list[asyncio.StreamWriter] = []
    waits: list[float] = []
    enough = asyncio.Event()

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.append(writer)
        writer.close()

    async def pause(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) >= 7:
            enough.set()
        await asyncio.sleep(0)

    async def story() -> None:
        server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
        settings.REDIS_URL = f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0"
        reader = asyncio.create_task(read_on(await open_stream(people.nurse)))
        await enough.wait()
        listening = stream.hub().task
        assert listening
        reader.cancel()
        await asyncio.gather(reader, return_exceptions=True)
        # Nobody listens any more: it ends instead of trying again.
        await asyncio.wait([listening], timeout=10)
        assert listening.cancelled()
        server.close()

    monkeypatch.setattr(stream, "pause", pause)
    with caplog.at_level(logging.WARNING, "alerts.screens.stream"):
        run(story)
    assert waits[:7] == [1.0, 2.0, 4.0, 8.0, 15.0, 15.0, 15.0]
    assert len(came) >= 6
    assert [line.message for line in caplog.records if line.name == "alerts.screens.stream"] == [
        "event stream without Redis: ConnectionError"
    ]


def test_a_server_that_cannot_stream_says_so_at_once(people: Cast) -> None:
    assert status_for(people.nurse.user) == 421


def test_a_committed_alert_tells_screens_and_hints_a_tick(people: Cast, now: datetime, wire: redis.Redis) -> None:
    with wire.pubsub() as heard:
        heard.subscribe(live.board_channel(people.clinic.pk))
        assert heard.get_message(timeout=1)
        raise_for(people.patient, CHEST, now=now)
        message = heard.get_message(timeout=1)
    assert message
    assert message["data"] == b"changed"
    assert wire.exists(live.HINTED)


def test_a_hint_is_given_once_until_a_tick_takes_it(people: Cast, wire: redis.Redis) -> None:
    queue = "kypho:celery"
    before = wire.llen(queue)
    live.hint_tick()
    live.hint_tick()
    assert wire.llen(queue) == before + 1
    sweep()
    live.hint_tick()
    assert wire.llen(queue) == before + 2
    wire.ltrim(queue, 2, -1)


def test_the_tick_task_sweeps(people: Cast, now: datetime, mailoutbox: list[Any]) -> None:
    raise_for(people.patient, CHEST, now=now)
    tick()
    assert len(mailoutbox) == 2
