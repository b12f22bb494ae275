"""Each process does its work with the rights that bin/broker.py gives it in Valkey, and nothing else. For real."""

import asyncio
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import redis
from celery import Celery
from celery.contrib.testing.worker import start_worker
from django.conf import settings as django_settings

from alerts.screens import live, stream
from config import health
from ops import embedded
from ops.datadir import DataDir
from tests.architecture.test_compose import BROKER
from tests.waiting import run_scene, until

PASSWORDS = {name: f"the password of {name}".replace(" ", "-") for name in BROKER.USERS}
ADMINISTRATOR = "user admin on nopass ~* &* +@all"
PUBLISHED = "kypho:board:7"


@dataclass(frozen=True)
class Broker:
    """A Valkey with the users of compose, and one of the test's own that sees everything."""

    port: int

    def url(self, name: str) -> str:
        return f"redis://{name}:{PASSWORDS.get(name, 'x')}@127.0.0.1:{self.port}/0"

    def line(self, name: str) -> Any:
        return redis.Redis.from_url(self.url(name), decode_responses=True)

    def answers(self) -> bool:
        try:
            with self.line("admin") as line:
                return bool(line.ping())
        except redis.ConnectionError:
            return False

    def refused(self) -> list[tuple[str, str, str]]:
        """Who was refused what."""
        with self.line("admin") as line:
            return [(one["username"], one["reason"], one["object"]) for one in line.acl_log()]


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    program = embedded.valkey(DataDir(tmp_path_factory.mktemp("broker"))).program
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    settings = Path(program.argv[1])
    lines = ["bind 127.0.0.1", f"port {port}", 'save ""', ADMINISTRATOR, *BROKER.lines(PASSWORDS)]
    settings.write_text("\n".join(lines) + "\n")
    broker = Broker(port)
    with subprocess.Popen(program.argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        until(broker.answers, 20)
        yield broker
        server.kill()


@pytest.fixture
def broker(valkey: Broker) -> Broker:
    with valkey.line("admin") as line:
        line.flushall()
        line.acl_log_reset()
    return valkey


def tasks(broker: Broker) -> int:
    with broker.line("admin") as line:
        return int(line.llen("kypho:celery"))


@pytest.mark.parametrize("name", ["pages", "watchdog", "worker"])
def test_whoever_tells_that_something_changed_may(broker: Broker, settings: Any, name: str) -> None:
    settings.REDIS_URL = broker.url(name)
    assert "error" not in health._broker()
    live.publish(7)
    live.hint_tick()
    assert tasks(broker) == 1
    if name != "pages":
        live.hint_taken()
    assert broker.refused() == []


def test_the_event_stream_hears_with_the_rights_of_the_pages(broker: Broker, settings: Any) -> None:
    settings.REDIS_URL = broker.url("pages")

    async def heard() -> str:
        async for message in stream._heard():
            if message["type"] == "psubscribe":
                await asyncio.to_thread(live.publish, 7)
            else:
                return bytes(message["channel"]).decode()  # type: ignore[call-overload, no-any-return]
        return ""

    assert run_scene(heard()) == PUBLISHED
    assert broker.refused() == []


def test_beat_puts_tasks_in_and_a_worker_does_them_and_says_that_it_is_there(broker: Broker) -> None:
    def app(name: str) -> Celery:
        made = Celery(broker=broker.url(name), set_as_current=False)
        made.conf.update(
            broker_transport_options=django_settings.CELERY_BROKER_TRANSPORT_OPTIONS,
            task_acks_late=True,
            task_ignore_result=True,
        )
        return made

    done: list[int] = []
    works, beats = app("worker"), app("beat")

    @works.task(name="count", shared=False)
    def count(number: int) -> None:
        done.append(number)

    with start_worker(works, pool="solo", perform_ping_check=False, loglevel="error"):
        beats.send_task("count", args=[1])
        until(lambda: done, 20)
        assert works.control.inspect(timeout=5, limit=1).ping()
    assert done == [1]
    assert broker.refused() == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        *(
            (name, words)
            for name in ("pages", "beat", "watchdog", "worker")
            for words in (("FLUSHALL",), ("KEYS", "*"), ("CONFIG", "GET", "*"), ("ACL", "LIST"), ("SHUTDOWN",))
        ),
        # Nobody but a worker takes a task out, or sees what lies there.
        *((name, ("RPOP", "kypho:celery")) for name in ("pages", "beat", "watchdog")),
        *((name, ("LRANGE", "kypho:celery", "0", "-1")) for name in ("pages", "beat", "watchdog")),
        *((name, ("HGETALL", "kypho:unacked")) for name in ("pages", "beat", "watchdog")),
        ("beat", ("PUBLISH", PUBLISHED, "x")),
        ("beat", ("SET", "kypho:tick:hinted", "1")),
        ("pages", ("PUBLISH", "/0.celery.pidbox", "shutdown")),
        ("pages", ("DEL", "kypho:celery")),
        ("watchdog", ("PSUBSCRIBE", "kypho:board:*")),
        ("worker", ("SET", "something else", "1")),
    ],
)
def test_what_a_process_does_not_need_it_may_not(broker: Broker, name: str, words: tuple[str, ...]) -> None:
    with broker.line(name) as line, pytest.raises(redis.exceptions.NoPermissionError):
        line.execute_command(*words)


def test_nobody_comes_in_without_a_name_or_by_another_s_password(broker: Broker) -> None:
    for address in (
        f"redis://127.0.0.1:{broker.port}",
        f"redis://pages:{PASSWORDS['worker']}@127.0.0.1:{broker.port}",
    ):
        with redis.Redis.from_url(address) as line, pytest.raises(redis.exceptions.AuthenticationError):
            line.ping()
