"""What is said inside, by TLS: for real, with the certificates of bin/secrets and what its addresses ask for.

The engines of the tests are built without TLS, so a door that ends it stands before each, as their own would.
"""

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2
import pytest
import redis
from celery import Celery
from django.conf import settings as django_settings
from django.db import connection

from ops.front import Front, by_tls
from ops.lanes import LANES
from tests.architecture.test_compose import CERTIFICATES
from tests.waiting import run_scene

SSL_REQUEST = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"
Dial = Callable[[], socket.socket]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates as bin/secrets makes them, and in another folder those of somebody else."""
    place = tmp_path_factory.mktemp("certificates")
    for one in (place, place / "strangers"):
        one.mkdir(exist_ok=True)
        CERTIFICATES.make(one, ("postgres", "valkey", "front", "web"))
    return place


def shows(folder: Path, name: str) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / f"{name}_certificate", folder / f"{name}_key")
    return context


@contextmanager
def door(context: ssl.SSLContext | None, dial: Dial, *, postgres: bool = False) -> Iterator[int]:
    """A port on which TLS ends; without a context PostgreSQL says that it speaks none."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=_one, args=(client, context, dial, postgres), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()


def _one(client: socket.socket, context: ssl.SSLContext | None, dial: Dial, postgres: bool) -> None:
    with ExitStack() as ends, suppress(OSError):
        ends.callback(client.close)
        if postgres:
            while client.recv(8) != SSL_REQUEST:
                client.sendall(b"N")  # Kerberos is asked for first
            client.sendall(b"S" if context else b"N")
        if context is None:
            return
        inside: socket.socket = ends.enter_context(context.wrap_socket(client, server_side=True))
        behind = ends.enter_context(dial())
        threading.Thread(target=_carry, args=(behind, inside), daemon=True).start()
        _carry(inside, behind)


def _carry(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


def to_postgres(known: Any) -> Dial:
    """To the tests' own PostgreSQL."""
    return lambda: to_socket(known.host, known.port)


def to_socket(host: str, port: int) -> socket.socket:
    """A folder with its socket, or a machine."""
    if not host.startswith("/"):
        return socket.create_connection((host, port))
    line = socket.socket(socket.AF_UNIX)
    line.connect(f"{host}/.s.PGSQL.{port}")
    return line


def to_valkey() -> socket.socket:
    parts = urlsplit(django_settings.REDIS_URL)
    return socket.create_connection((parts.hostname or "", parts.port or 0))


def signed_in(known: Any, port: int, folder: Path, name: str = "postgres") -> bool:
    """As DATABASE_URL of compose does: verify-full, under our own authority."""
    with psycopg2.connect(
        host=name,
        hostaddr="127.0.0.1",
        port=port,
        dbname="postgres",
        user=known.user,
        password=known.password,
        sslmode="verify-full",
        sslrootcert=str(folder / "authority_certificate"),
    ) as line:
        return bool(line.info.ssl_in_use)


def test_a_process_signs_in_to_postgresql_by_tls_and_to_nobody_who_is_not_it(db: None, folder: Path) -> None:
    connection.ensure_connection()
    known = connection.connection.info
    dial = to_postgres(known)
    with door(shows(folder, "postgres"), dial, postgres=True) as port:
        assert signed_in(known, port, folder)
        with pytest.raises(psycopg2.OperationalError, match="does not match host name"):
            signed_in(known, port, folder, "another")
    for context, words in (
        (shows(folder / "strangers", "postgres"), "certificate verify failed"),
        (shows(folder, "web"), "does not match host name"),
        (None, "server does not support SSL"),
    ):
        with (
            door(context, dial, postgres=True) as port,
            pytest.raises(psycopg2.OperationalError, match=words),
        ):
            signed_in(known, port, folder)


def address(port: int, folder: Path, host: str = "localhost") -> str:
    """As REDIS_URL of compose, to the tests' own broker."""
    parts = urlsplit(django_settings.REDIS_URL)
    asks = f"ssl_cert_reqs=required&ssl_ca_certs={folder / 'authority_certificate'}"
    return f"rediss://{parts.username or ''}:{parts.password or ''}@{host}:{port}/0?{asks}"


def test_the_broker_is_spoken_to_by_tls_and_nobody_in_its_place(folder: Path) -> None:
    with door(shows(folder, "valkey"), to_valkey) as port:
        with redis.Redis.from_url(address(port, folder)) as client:
            assert client.ping()
        line = Celery(broker=address(port, folder), set_as_current=False).connection_for_write()
        line.ensure_connection(max_retries=1, timeout=2)
        line.release()
        # Named otherwise than in its certificate.
        with (
            redis.Redis.from_url(address(port, folder, "127.0.0.2")) as client,
            pytest.raises(redis.ConnectionError),
        ):
            client.ping()
    with door(shows(folder / "strangers", "valkey"), to_valkey) as port:
        with redis.Redis.from_url(address(port, folder)) as client, pytest.raises(redis.ConnectionError):
            client.ping()
        line = Celery(broker=address(port, folder), set_as_current=False).connection_for_write()
        with pytest.raises(line.recoverable_connection_errors):
            line.connect()


def test_the_front_shows_its_own_certificate_and_believes_our_authority_alone(
    folder: Path, tmp_path: Path
) -> None:
    for name, source in (("own.crt", "web_certificate"), ("own.key", "web_key")):
        (tmp_path / name).write_bytes((folder / source).read_bytes())
    (tmp_path / "authority.crt").write_bytes((folder / "authority_certificate").read_bytes())
    _, believes = by_tls(tmp_path)
    with door(shows(folder, "web"), to_valkey) as port:
        with believes.wrap_socket(socket.create_connection(("127.0.0.1", port)), server_hostname="web") as line:
            assert line.version() == "TLSv1.3"
        with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
            believes.wrap_socket(socket.create_connection(("127.0.0.1", port)), server_hostname="urgent")
    with door(shows(folder / "strangers", "web"), to_valkey) as port, pytest.raises(ssl.SSLCertVerificationError):
        believes.wrap_socket(socket.create_connection(("127.0.0.1", port)), server_hostname="web")


async def asked(front_port: int, believes: ssl.SSLContext) -> bytes:
    """What somebody gets who asks the front, as Caddy does."""
    reader, writer = await asyncio.open_connection("localhost", front_port, ssl=believes)
    writer.write(b"GET /today/ HTTP/1.1\r\nhost: recovery.example.org\r\n\r\n")
    answer = await reader.read()
    writer.close()
    return answer


@pytest.mark.parametrize(("whose", "status"), [("", b"200"), ("strangers", b"502")])
def test_an_answer_comes_through_the_front_by_tls_on_both_sides(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whose: str, status: bytes
) -> None:
    for name, source in (("own.crt", "front_certificate"), ("own.key", "front_key")):
        (tmp_path / name).write_bytes((folder / source).read_bytes())
    (tmp_path / "authority.crt").write_bytes((folder / "authority_certificate").read_bytes())
    monkeypatch.setattr("ops.front.COMEBACK_SECONDS", 0)

    async def page(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi")
        writer.close()

    async def run() -> bytes:
        own, believes = by_tls(tmp_path)
        behind = await asyncio.start_server(page, "localhost", 0, ssl=shows(folder / whose, "web"))
        place = f"localhost:{behind.sockets[0].getsockname()[1]}"
        front = Front(dict.fromkeys(LANES, place), believes=believes)
        server = await asyncio.start_server(front.serve, "localhost", 0, ssl=own)
        async with behind, server:
            return await asked(server.sockets[0].getsockname()[1], believes)

    assert run_scene(run()).startswith(b"HTTP/1.1 " + status)


def test_new_certificates_are_made_once_and_all_of_them_under_a_new_authority(folder: Path) -> None:
    assert CERTIFICATES.make(folder, ("web",)) == []
    assert (folder / "authority_key").stat().st_mode & 0o777 == 0o400
    (folder / "strangers" / "authority_key").unlink()
    assert CERTIFICATES.make(folder / "strangers", ("web",)) == ["authority", "web"]
