"""Runs the whole product on one machine behind one address: `bin/up` runs this inside .venv."""

import argparse
import errno
import os
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import IO

from alerts.messaging.webpush import new_private
from config.static_files import are_current
from ops.child import Failure, Program
from ops.datadir import DataDir
from ops.embedded import engines
from ops.lanes import LANES
from ops.roles import address_of, said_passwords, without_passwords
from ops.supervisor import GIVES_WAY, PROCESSES, Stopped, Supervisor
from ops.wrong_settings import wrong_settings
from patients.wall.roles import ROLES
from recovery.triage.rulebook import RulebookError, load_rulebook

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 90
HERE = {
    "real": "{place} holds a real installation, and a demo opens everybody's codes to everybody: nothing was"
    " started. Leave DEMO out, or choose another --data for a demo.",
    "demo": "{place} holds a demo, and its passwords are public: it never becomes a real installation."
    " Choose another --data.",
}


def main(arguments: list[str]) -> int:
    """Start everything, keep it running, stop it cleanly; returns the exit status."""
    options = _options(arguments)
    os.chdir(ROOT)
    try:
        refuse_wrong_settings()
        load_rulebook()  # a broken rule book stops the start before a database is made
        return _Stack(options).run()
    except RulebookError as error:
        sys.stderr.write(f"bin/up: the rule book is broken, nothing starts: {error}\n")
        return 1
    except (Failure, OSError) as failure:
        sys.stderr.write(f"bin/up: {failure}\n")
        return 1


def refuse_wrong_settings() -> None:
    """Raise Failure with everything that is wrong with the settings, before anything starts."""
    if found := wrong_settings(os.environ):
        raise Failure("nothing starts before these settings are right:\n" + "\n".join(f"  {one}" for one in found))


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/up", description="Start Kypho Recovery on this machine.")
    parser.add_argument("--port", type=int, default=8000, help="where to answer (default 8000; 0: any free one)")
    parser.add_argument(
        "--data",
        type=Path,
        default=os.environ.get("DATA_DIR") or ROOT / ".data",
        metavar="DIR",
        help="where everything is kept (default .data)",
    )
    parser.add_argument("--no-demo", action="store_true", help="an empty installation that sends for real")
    options = parser.parse_args(arguments)
    options.data = Path(os.path.abspath(options.data))
    if not 0 <= options.port <= 65535:
        parser.error("--port is a number from 0 to 65535")
    return options


def settings_for(data: DataDir, *, demo: bool, base_url: str) -> dict[str, str]:
    """Return the environment of all our processes; what is set already wins, except the kind of installation."""
    environment = {
        "SECRET_KEY": data.secret_key(),
        "DATA_KEYS": data.data_keys(),
        "VAPID_PRIVATE_KEY": data.vapid_key(new_private),
        "HTTPS": "0",
        "GRANIAN_LOG_LEVEL": "warning",
        # An operator who starts a demo as root knows that it runs as root.
        "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges:UserWarning",
        "BASE_URL": base_url,
        "STATIC_ROOT": str(data.path / "static"),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        **{name: value for name, value in os.environ.items() if value},
    }
    scripts = Path(sys.prefix) / "bin"
    return environment | {
        "DEMO": "1" if demo else "0",
        "DATA_DIR": str(data.path),
        "PATH": f"{scripts}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PYTHONUNBUFFERED": "1",
    }


def which_kind(data: DataDir, *, no_demo: bool = False) -> bool:
    """Return whether this is a demo. The existing data decide; raises Failure when a flag or setting disagrees."""
    said = "real" if no_demo else {True: "demo", False: "real", None: ""}[_demo_said()]
    known = data.kind()
    if known and said and said != known:
        raise Failure(HERE[known].format(place=data.path))
    return (known or said or "demo") == "demo"


def _demo_said() -> bool | None:
    value = os.environ.get("DEMO", "").lower()
    return None if not value else value not in ("0", "false", "no", "off")


class _Stack:
    def __init__(self, options: argparse.Namespace) -> None:
        self.data = DataDir(options.data)
        self.demo = which_kind(self.data, no_demo=options.no_demo)
        self.port: int = options.port
        self.supervisor = Supervisor(sys.stdout)

    def run(self) -> int:
        """Start everything, run until asked to stop, stop everything; returns the exit status."""
        self.data.create()
        lock = self._hold()
        self.data.write_state(demo=self.demo)
        listeners = _listen(self.port)
        self.port = listeners[0].getsockname()[1]
        self.address = f"http://localhost:{self.port}"
        self._tell()
        try:
            self._start(listeners)
            self.supervisor.forever()
        except Stopped:
            _say("Stopping.")
        finally:
            self.supervisor.stop()
            self.data.drop_sockets()
            self.data.write_state(demo=self.demo)
            lock.close()
        return 0

    def _tell(self, **more: object) -> None:
        """Write our process and address to the state file, for a second bin/up and for bin/manage."""
        self.data.write_state(demo=self.demo, pid=os.getpid(), address=self.address, **more)

    def _hold(self) -> IO[str]:
        """Lock the data directory. Waits for a management command; raises Failure when another bin/up runs."""
        deadline = time.monotonic() + 60
        while (lock := self.data.hold()) is None:
            address = self.data.state().get("address")
            if address:
                raise Failure(f"already running at {address} with the data in {self.data.path}")
            if time.monotonic() > deadline:
                raise Failure(f"a management command is still using {self.data.path}")
            time.sleep(0.2)
        return lock

    def _start(self, listeners: list[socket.socket]) -> None:
        environment = settings_for(self.data, demo=self.demo, base_url=self.address)
        self.passwords = self.data.database_passwords(role.name for role in ROLES)
        if environment.get("DATABASE_URL"):
            self.passwords |= said_passwords(environment)
        missing, addresses = engines(self.data, environment)
        environment |= addresses
        for engine in missing:
            self.supervisor.start(engine.program)
        for engine in missing:
            self.supervisor.until(engine.is_ready, name=engine.program.name, seconds=START_SECONDS)
        # The web process starts while the database is prepared, unless static files must be collected first. It
        # gets no request yet: the front starts afterwards. It does not start early with a database that we do not
        # run, which may be missing, or with a new one, which is not yet marked as demo or real.
        ours = any(engine.program.name == "postgres" for engine in missing) and bool(self.data.kind())
        early = ours and are_current(ROOT, Path(environment["STATIC_ROOT"]))
        if early:
            self._start_process("web", environment)
        sign_ins = self._prepare(environment)
        if not early:
            self._start_process("web", environment)
        self._start_front(environment, listeners)
        # The other processes start after the first answer, so that the first visitor need not wait for them.
        self.supervisor.until(_FirstAnswer(self.port), name="web", seconds=START_SECONDS)
        for name in PROCESSES:
            if name != "web":
                self._start_process(name, environment)
        self._tell(ready=True, **addresses)
        _say("", f"Kypho Recovery is ready: {self.address}", *sign_ins, "Stop with Ctrl-C.", "")

    def _prepare(self, environment: dict[str, str]) -> list[str]:
        _say("Preparing the database.")
        said = {role.env: self.passwords[role.name] for role in ROLES}
        program = Program("prepare", (sys.executable, "-m", "ops.prepare"), environment | said)
        status, lines = self.supervisor.run(program)
        if status != 0:
            raise Failure(f"this installation could not be prepared: {(lines or ['the reason stands above'])[-1]}")
        self.data.keep_kind(demo=self.demo)
        return lines

    def _start_process(self, name: str, environment: dict[str, str]) -> None:
        place = self.data.sockets() / f"{name}.sock"
        address = {"GRANIAN_UDS": str(place), "GRANIAN_UDS_PERMISSIONS": "0600"}
        argv = tuple(part.format(data=self.data.path) for part in PROCESSES[name])
        url = address_of(name, environment["DATABASE_URL"], self.passwords)
        own = without_passwords(environment) | address | {"DATABASE_URL": url}
        gives_way = GIVES_WAY.get(name, 0)
        self.supervisor.start(Program(name, argv, own, makes=place, gives_way=gives_way))

    def _start_front(self, environment: dict[str, str], listeners: list[socket.socket]) -> None:
        sockets = self.data.sockets()
        numbers = tuple(listener.fileno() for listener in listeners)
        places = [part for name in LANES for part in (f"--{name}", str(sockets / f"{name}.sock"))]
        argv = (sys.executable, "-m", "ops.front", "--listen", f"fd:{','.join(map(str, numbers))}", *places)
        # The front talks only to the server processes, so it gets no database.
        own = {**without_passwords(environment), "DATABASE_URL": ""}
        self.supervisor.start(Program("front", argv, own, wave=3, stop_signal=9, pass_fds=numbers))


class _FirstAnswer:
    """Tests whether a page has answered: sends one request, and again only when the front answered 502 or 504."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connection: socket.socket | None = None

    def __call__(self) -> bool:
        if self._connection is None:
            self._connection = socket.create_connection(("127.0.0.1", self._port), timeout=2)
            self._connection.sendall(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n")
            self._connection.setblocking(False)
        try:
            status = self._connection.recv(64).split()[1:2]
        except BlockingIOError:
            return False
        except OSError:
            status = []
        self._connection.close()
        self._connection = None
        return bool(status) and status[0] not in (b"502", b"504")


def _say(*lines: str) -> None:
    with suppress(BrokenPipeError):
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()


def _listen(port: int) -> list[socket.socket]:
    """Open the port before anything slow happens; it stays open while the front process is restarted."""
    listeners = []
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            listener = socket.create_server((host, port), family=family, backlog=512)
        except OSError as error:
            if family == socket.AF_INET6 and error.errno != errno.EADDRINUSE:
                break  # no IPv6 here: "localhost" means 127.0.0.1 alone
            why = os.strerror(error.errno or 0).lower()
            raise Failure(f"port {port} cannot be used ({why}): choose another with --port") from error
        listeners.append(listener)
        port = listener.getsockname()[1]
    return listeners
