"""Wires: proxies between our processes and their servers, which can be cut, slowed and broken.

`python -m faults.wire FOLDER NAME...` prints {"control": port, NAME: port...}. A wire reads at each connection
from FOLDER/wires.json where it leads ({NAME: port, or path of a UNIX socket}): servers start later than wires.
"""

import contextlib
import json
import random
import socket
import struct
import sys
import threading
import time
from ctypes import addressof, create_string_buffer
from pathlib import Path

# pass: as it should. drop: packets vanish, and are sent again once the network is back, if the sender still waits.
# forget: open connections are lost silently (the caller never gets another packet), new ones work.
# reset: all connections are reset, new ones too. slow: each answer takes 300 ms, give or take 200.
MODES = ("pass", "drop", "forget", "reset", "slow")
SLOW_SECONDS, SLOW_SPREAD_SECONDS = 0.3, 0.2
CHUNK_BYTES = 64 * 1024
# Linux: a filter of one instruction that drops every packet, so that the kernel does not even acknowledge it.
ATTACH_FILTER, DETACH_FILTER = 26, 27
NOTHING_PASSES = create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0))
NO_FAREWELL = struct.pack("ii", 1, 0)
# Keep-alive as servers use it, to find out whether the caller is still there.
KEEPALIVE = ((socket.TCP_KEEPIDLE, 5), (socket.TCP_KEEPINTVL, 2), (socket.TCP_KEEPCNT, 3))


def _vanish(line: socket.socket) -> None:
    """Drop every packet that comes in on this socket."""
    line.setsockopt(socket.SOL_SOCKET, ATTACH_FILTER, struct.pack("HL", 1, addressof(NOTHING_PASSES)))


def _appear(line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        line.setsockopt(socket.SOL_SOCKET, DETACH_FILTER, 0)


class Call:
    """One connection. Requests go on at once, answers when the wire lets them pass."""

    def __init__(self, wire: "Wire", caller: socket.socket, server: socket.socket) -> None:
        self._wire, self.caller, self.server = wire, caller, server
        self._directions = 2
        self._forgotten = False

    def start(self) -> None:
        """Carry both directions from now on."""
        for ends in ((self.caller, self.server), (self.server, self.caller)):
            threading.Thread(target=self._carry, args=ends, daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(CHUNK_BYTES):
                self._pass_on(sink)
                sink.sendall(data)
            self._pass_on(sink)
            if not self._forgotten:
                sink.shutdown(socket.SHUT_WR)
        except OSError:
            self.reset()
        self._wire.ended(self)

    def _pass_on(self, sink: socket.socket) -> None:
        if sink is self.caller:
            self._wire.let_answer_pass()

    def ended(self) -> bool:
        """Note that one direction has ended; returns whether both have, and closes both sides then."""
        self._directions -= 1
        if not self._directions:
            self.server.close()
            self.caller.close()
        return not self._directions

    def reset(self) -> None:
        """Reset the connection on both sides at once; a forgotten one stays as it is."""
        for line in () if self._forgotten else (self.caller, self.server):
            with contextlib.suppress(OSError):
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_FAREWELL)
                line.shutdown(socket.SHUT_RDWR)

    def forget(self) -> None:
        """End the connection for the server only; the caller gets no packet from now on."""
        self._forgotten = True
        # Without this the kernel would reset the connection in the end, and the caller would notice.
        self.caller.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 0)
        _vanish(self.caller)
        with contextlib.suppress(OSError):
            self.server.shutdown(socket.SHUT_RDWR)


class Wire:
    """The way of one process to one server."""

    def __init__(self, name: str, folder: Path) -> None:
        self._name, self._folder = name, folder
        self._door = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = int(self._door.getsockname()[1])
        self._mode, self._calls = "pass", set[Call]()
        self._turn, self._through = threading.Lock(), threading.Event()
        self._through.set()
        threading.Thread(target=self._listen, daemon=True).start()

    def set(self, mode: str) -> None:
        """Behave so from now on (MODES)."""
        with self._turn:
            lines = [self._door, *(call.caller for call in self._calls)]
            if mode == "drop":
                self._through.clear()
                for line in lines:
                    _vanish(line)
            elif self._mode == "drop":
                for line in lines:
                    _appear(line)
            if mode in ("forget", "reset"):
                for call in self._calls:
                    call.forget() if mode == "forget" else call.reset()
            if mode == "forget":
                # These calls carry no more data, and no later mode may wake them.
                self._calls.clear()
            self._mode = mode
            if mode != "drop":
                self._through.set()

    def let_answer_pass(self) -> None:
        """Wait until an answer may go on."""
        self._through.wait()
        if self._mode == "slow":
            time.sleep(SLOW_SECONDS + random.uniform(-1, 1) * SLOW_SPREAD_SECONDS)

    def ended(self, call: Call) -> None:
        """Note that one direction of a call has ended."""
        with self._turn:
            if call.ended():
                self._calls.discard(call)

    def _listen(self) -> None:
        while True:
            caller, _ = self._door.accept()
            threading.Thread(target=self._take, args=(caller,), daemon=True).start()

    def _take(self, caller: socket.socket) -> None:
        for name, value in ((socket.TCP_NODELAY, 1), *KEEPALIVE):
            caller.setsockopt(socket.IPPROTO_TCP, name, value)
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        try:
            server = _connect(json.loads((self._folder / "wires.json").read_text())[self._name])
        except (OSError, KeyError):
            caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_FAREWELL)
            caller.close()
            return
        call = Call(self, caller, server)
        with self._turn:
            self._calls.add(call)
            if self._mode == "drop":
                _vanish(caller)
            elif self._mode == "reset":
                call.reset()
        call.start()


def _connect(place: int | str) -> socket.socket:
    if isinstance(place, int):
        line = socket.create_connection(("127.0.0.1", place))
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return line
    line = socket.socket(socket.AF_UNIX)
    line.connect(place)
    return line


def tell(control: int, mode: str, *names: str) -> None:
    """Set these wires (all when none is named) to a mode; ValueError for an unknown mode or wire."""
    with socket.create_connection(("127.0.0.1", control), timeout=10) as line:
        line.sendall(json.dumps({"mode": mode, "names": names}).encode() + b"\n")
        if line.recv(8) != b"done\n":
            raise ValueError(f"no such mode or wire: {mode}, {names}")


def _obey(door: socket.socket, wires: dict[str, Wire]) -> None:
    while True:
        line, _ = door.accept()
        with line, line.makefile() as asked:
            order = json.loads(asked.readline())
            names = order["names"] or list(wires)
            if order["mode"] not in MODES or not set(names) <= wires.keys():
                line.sendall(b"no\n")
                continue
            for name in names:
                wires[name].set(order["mode"])
            line.sendall(b"done\n")


def main(folder: Path, names: list[str]) -> None:
    """Run the wires until killed."""
    wires = {name: Wire(name, folder) for name in names}
    control = socket.create_server(("127.0.0.1", 0))
    ports = {name: wire.port for name, wire in wires.items()}
    print(json.dumps({"control": control.getsockname()[1], **ports}), flush=True)
    _obey(control, wires)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
