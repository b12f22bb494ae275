"""bin/up, bin/manage and the engines, for real: they start, survive, refuse in one line, and leave nothing."""

import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import pytest

from ops.datadir import LONGEST_SOCKET_PATH, DataDir
from ops.embedded import running
from ops.supervisor import PROCESSES
from ops.up import ROOT
from tests.processes import await_stack, left_behind, pids, running_stack, start_stack
from tests.waiting import until

pytestmark = pytest.mark.processes
# How each is recognised: a part of its command line, the words of which end in a zero byte.
WORDS = {
    "urgent": "config.urgent:application",
    "web": "config.wsgi",
    "events": "config.asgi",
    "worker": "config.celery:app\0worker",
    "beat": "config.celery:app\0beat",
    "watchdog": "manage.py\0watchdog",
    "front": "ops.front",
    "postgres": "bin/postgres",
    "valkey": "valkey-server",
}


def status(address: str | urllib.request.Request) -> int:
    """What a first visitor gets."""
    try:
        with urllib.request.urlopen(address, timeout=60) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


@contextmanager
def posting(address: str) -> Iterator[list[int]]:
    """People who send the whole time, and what they are answered."""
    answers, over = list[int](), threading.Event()

    def post(path: str) -> None:
        while not over.is_set():
            answers.append(status(urllib.request.Request(f"{address}{path}", data=b"x=1")))

    with ThreadPoolExecutor(4) as people:
        for path in ("/log/", "/accounts/login/") * 2:
            people.submit(post, path)
        try:
            yield answers
        finally:
            over.set()


def command(name: str, *arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    """Run bin/up or bin/manage as it is inside .venv."""
    module = {"up": "ops.up", "manage": "ops.command"}[name]
    code = f"import sys; from {module} import main; sys.exit(main(sys.argv[1:]))"
    dropped = ("DATABASE_URL", "REDIS_URL", "DATA_DIR", "STATIC_ROOT")
    environment = {key: value for key, value in os.environ.items() if key not in dropped} | settings
    argv = [sys.executable, "-c", code, *arguments]
    return subprocess.run(argv, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("stack")
    directory.parent.chmod(0o711)
    return directory


@pytest.fixture(scope="module")
def address(place: Path) -> Iterator[str]:
    with running_stack(place) as address:
        yield address


def test_every_process_of_the_table_runs_behind_one_address(address: str, place: Path) -> None:
    assert status(address) == 200
    assert set(PROCESSES) < set(WORDS)
    assert [name for name, word in WORDS.items() if not pids(place, word)] == []


def test_only_we_may_speak_to_the_pages_without_the_front(address: str, place: Path) -> None:
    sockets = DataDir(place / "data").sockets()
    assert (sockets / "web.sock").stat().st_mode & 0o777 == 0o600
    assert (sockets / "pg").stat().st_mode & 0o777 == 0o700


def test_a_management_command_uses_the_running_engines(address: str, place: Path) -> None:
    before = pids(place, WORDS["postgres"])
    done = command("manage", "--data", str(place / "data"), "shell", "-v", "0", "-c", "print(6 * 7)")
    assert (done.returncode, done.stdout) == (0, "42\n")
    assert pids(place, WORDS["postgres"]) == before


def test_a_second_start_with_the_same_data_says_where_the_first_is(address: str, place: Path) -> None:
    done = command("up", "--data", str(place / "data"))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"bin/up: already running at {address} with the data in {place / 'data'}\n"


def test_a_new_version_of_the_pages_turns_nobody_away(address: str, place: Path) -> None:
    """SIGTERM to the pages, then to urgent work, while people post: each is answered by one or the other."""
    with posting(address) as answers:
        for name in ("web", "urgent"):
            before = pids(place, WORDS[name])
            os.kill(before[0], signal.SIGTERM)
            until(lambda name=name, old=before[0]: (now := pids(place, WORDS[name])) and old not in now, 60)
            had = len(answers)
            until(lambda had=had: len(answers) >= had + 20, 60)
    # 403: no token came with the form.
    assert [answer for answer in answers if answer != 403] == []


def test_any_killed_process_comes_back(address: str, place: Path) -> None:
    killed = {name: pids(place, word)[0] for name, word in WORDS.items()}
    for pid in killed.values():
        os.kill(pid, signal.SIGKILL)

    def all_are_back() -> bool:
        found = {name: pids(place, word) for name, word in WORDS.items()}
        return all(found[name] and killed[name] not in found[name] for name in WORDS)

    until(all_are_back, 90, every_seconds=0.5)
    until(lambda: status(address) == 200, 90, every_seconds=0.5)


def test_a_killed_supervisor_takes_all_with_it_and_the_next_start_finds_the_data(tmp_path: Path) -> None:
    process = start_stack(tmp_path)
    url = str(await_stack(tmp_path, process)["DATABASE_URL"])
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept AS SELECT 'still here' AS word")
    process.kill()
    process.wait()
    assert left_behind(tmp_path) == []
    with running(DataDir(tmp_path / "data"), {"REDIS_URL": "redis://not-needed"}) as addresses:
        connection = psycopg2.connect(addresses["DATABASE_URL"])
        with connection, connection.cursor() as cursor:
            cursor.execute("SELECT word FROM kept")
            assert cursor.fetchone() == ("still here",)
        connection.close()


def test_a_used_port_is_one_clear_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = command("up", "--port", str(port), "--data", str(tmp_path / "data"))
    assert (done.returncode, done.stdout) == (1, "")
    why = "cannot be used (address already in use): choose another with --port"
    assert done.stderr == f"bin/up: port {port} {why}\n"


def test_a_data_directory_that_cannot_be_made_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = command("up", "--port", "0", "--data", str(tmp_path / "file" / "data"))
    assert done.returncode == 1
    assert done.stderr == f"bin/up: the data directory {tmp_path}/file/data cannot be made: Not a directory\n"


def test_a_path_too_long_for_a_socket_and_with_odd_letters_still_works(tmp_path: Path) -> None:
    data = DataDir(tmp_path / ("a long 'näme' & more? " * 6))
    data.create()
    assert len(os.fsencode(data.path)) > LONGEST_SOCKET_PATH
    with running(data, {"REDIS_URL": "redis://not-needed"}, throwaway=True) as addresses:
        psycopg2.connect(addresses["DATABASE_URL"]).close()


def test_data_of_another_postgresql_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("15\n")
    done = command("up", "--port", "0", "--data", str(tmp_path))
    assert done.returncode == 1
    assert done.stderr == f"bin/up: {tmp_path}/postgres was made by PostgreSQL 15, not 18\n"


def test_a_command_that_only_reads_starts_nothing_and_leaves_nothing(tmp_path: Path) -> None:
    done = command("manage", "--data", str(tmp_path / "data"), "triage", "--help")
    assert done.returncode == 0
    assert done.stdout.startswith("usage: manage.py triage")
    assert not (tmp_path / "data").exists()


def test_a_command_brings_engines_takes_them_away_again_and_its_status_is_ours(tmp_path: Path) -> None:
    code = "from django.db import connection; connection.cursor().execute('SELECT 1'); raise SystemExit(7)"
    done = command("manage", "--data", str(tmp_path / "data"), "shell", "-v", "0", "-c", code)
    assert (done.returncode, done.stdout) == (7, "")
    assert left_behind(tmp_path) == []
