"""The wires of a fault run: what breaks on them, and that nothing else does."""

import contextlib
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from faults import wire
from ops.up import ROOT

pytestmark = pytest.mark.programs


class Echo:
    """A server that says everything back, and counts who has gone."""

    def __init__(self) -> None:
        self.door = socket.create_server(("127.0.0.1", 0))
        self.left = 0
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            line, _ = self.door.accept()
            threading.Thread(target=self._talk, args=(line,), daemon=True).start()

    def _talk(self, line: socket.socket) -> None:
        try:
            while data := line.recv(65536):
                line.sendall(data)
        except OSError:
            pass
        self.left += 1
        line.close()


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
def ports(tmp_path: Path, echo: Echo) -> Iterator[dict[str, int]]:
    """Two wires to the same server, and the port by which they are told what to do."""
    place = echo.door.getsockname()[1]
    (tmp_path / "wires.json").write_text(json.dumps({"a": place, "b": place}))
    argv = [sys.executable, "-m", "faults.wire", str(tmp_path), "a", "b", "nowhere"]
    process = subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout
    yield json.loads(process.stdout.readline())
    process.kill()
    process.wait()


def call(port: int) -> socket.socket:
    """As our processes call: a machine that does not answer is given up after a second."""
    line = socket.create_connection(("127.0.0.1", port), timeout=6)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 1000)
    return line


def said_back(line: socket.socket, data: bytes = b"hello") -> float:
    """Say it; seconds until all of it came back."""
    began = time.monotonic()
    threading.Thread(target=_say, args=(line, data), daemon=True).start()
    back = b""
    while len(back) < len(data):
        part = line.recv(65536)
        assert part, "it was closed"
        back += part
    assert back == data
    return time.monotonic() - began


def _say(line: socket.socket, data: bytes) -> None:
    with contextlib.suppress(OSError):
        line.sendall(data)


def test_much_goes_through_whole_and_little_at_once(ports: dict[str, int]) -> None:
    line = call(ports["a"])
    said_back(line, bytes(range(256)) * 20_000)
    # A wire that waits for more to carry would keep each of them for 40 ms.
    assert min(said_back(line) for _ in range(20)) < 0.03


def test_a_farewell_goes_through(ports: dict[str, int], echo: Echo) -> None:
    line = call(ports["a"])
    said_back(line)
    line.shutdown(socket.SHUT_WR)
    assert line.recv(10) == b""
    assert echo.left == 1


def test_where_nobody_answers_the_caller_is_told_at_once(ports: dict[str, int]) -> None:
    with pytest.raises(ConnectionResetError):
        call(ports["nowhere"]).recv(10)


def test_dropped_packets_come_again_when_the_network_is_back(ports: dict[str, int]) -> None:
    line, other = call(ports["a"]), call(ports["b"])
    said_back(line)
    wire.tell(ports["control"], "drop", "a")
    back: list[float] = []
    saying = threading.Thread(target=lambda: back.append(said_back(line)))
    saying.start()
    said_back(other)
    assert back == []
    wire.tell(ports["control"], "pass", "a")
    saying.join()
    assert len(back) == 1


def test_dropped_packets_are_not_even_acknowledged_so_the_caller_gives_up(ports: dict[str, int]) -> None:
    line = call(ports["a"])
    said_back(line)
    wire.tell(ports["control"], "drop")
    with pytest.raises(TimeoutError):
        said_back(line)
    with pytest.raises(TimeoutError):
        socket.create_connection(("127.0.0.1", ports["a"]), timeout=0.5)
    wire.tell(ports["control"], "pass")
    said_back(call(ports["a"]))


def test_a_forgotten_call_is_never_answered_and_the_next_one_is(ports: dict[str, int], echo: Echo) -> None:
    line = call(ports["a"])
    said_back(line)
    wire.tell(ports["control"], "forget", "a")
    wire.tell(ports["control"], "pass", "a")
    with pytest.raises(TimeoutError):
        said_back(line)
    assert echo.left == 1
    said_back(call(ports["a"]))


def test_a_reset_ends_every_call_at_once_and_new_ones_too(ports: dict[str, int]) -> None:
    line = call(ports["a"])
    said_back(line)
    wire.tell(ports["control"], "reset", "a")
    with pytest.raises((ConnectionError, AssertionError)):
        said_back(line)
    with pytest.raises((ConnectionError, AssertionError)):
        said_back(call(ports["a"]))
    wire.tell(ports["control"], "pass", "a")
    said_back(call(ports["a"]))


def test_slow_is_a_third_of_a_second_give_or_take(ports: dict[str, int]) -> None:
    line = call(ports["a"])
    wire.tell(ports["control"], "slow", "a")
    assert all(said_back(line) >= 0.1 for _ in range(4))


def test_an_order_nobody_knows_is_refused(ports: dict[str, int]) -> None:
    for order in (("melt", "a"), ("drop", "c")):
        with pytest.raises(ValueError, match="no such"):
            wire.tell(ports["control"], *order)
