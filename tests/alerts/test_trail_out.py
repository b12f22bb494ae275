"""The trail leaves the machine: by TLS to whoever the certificate names, in order, and again when it was lost."""

import json
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from alerts.models import SetAside
from alerts.monitoring.trail_lines import as_json, as_syslog, framed
from alerts.monitoring.trail_out import SETTLED, ship
from patients.clock import db_now
from patients.models import TrailEvent, TrailPosition
from tests.patients.pages import signed_in
from tests.people import cast

# RFC 5424, section 6: HEADER SP STRUCTURED-DATA SP MSG
SYSLOG = re.compile(
    r"<(\d{1,3})>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?[+-]\d\d:\d\d)"
    r" (\S{1,255}) (\S{1,48}) (\S{1,128}) (\S{1,32})"
    r' \[trail@32473((?: \w+="(?:[^"\\\]]|\\["\\\]])*")+)\] (.*)'
)


class Listener:
    """A syslog server by TLS that keeps what it was sent."""

    def __init__(self, folder: Path, name: str = "localhost") -> None:
        self.ca, self.messages, self.port = folder / "ca.pem", list[str](), 0
        key = ec.generate_private_key(ec.SECP256R1())
        who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(who)
            .issuer_name(who)
            .public_key(key.public_key())
            .serial_number(1)
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        self.ca.write_bytes(made.public_bytes(serialization.Encoding.PEM))
        private = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        (folder / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, *private))
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.ca, folder / "key.pem")
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                plain, _ = self.server.accept()
            except OSError:
                return
            said = b""
            try:
                with self.context.wrap_socket(plain, server_side=True) as line:
                    said = b"".join(iter(lambda: line.recv(4096), b""))
                    line.unwrap()
            except OSError:
                pass
            self.messages += unframed(said)


def unframed(said: bytes) -> list[str]:
    """Messages with their lengths before them, as RFC 5425 has them."""
    found = []
    while said:
        length, _, rest = said.partition(b" ")
        found.append(rest[: int(length)].decode())
        said = rest[int(length) :]
    return found


@pytest.fixture
def listener(tmp_path: Path, settings: Any) -> Iterator[Listener]:
    found = Listener(tmp_path)
    settings.TRAIL_SYSLOG_URL = f"syslog+tls://localhost:{found.port}"
    settings.TRAIL_SYSLOG_CA = str(found.ca)
    yield found
    found.server.close()


def event(what: str = "signed_in", **fields: Any) -> TrailEvent:
    return TrailEvent.objects.create(what=what, **{"at": db_now() - timedelta(minutes=1), **fields})


@pytest.mark.django_db
def test_events_arrive_once_in_order_as_the_standard_has_them(listener: Listener) -> None:
    people = cast()
    event("sign_in_failed", user=people.nurse.user, detail='wrong "password"]', ip="203.0.113.9")
    event("export", user=people.manager.user, clinic=people.clinic, detail="figures of 30 days")
    ship(db_now())
    ship(db_now())
    first, second = (SYSLOG.fullmatch(one) for one in listener.messages)
    assert first
    assert second
    assert (first[1], second[1]) == (str(10 * 8 + 4), str(10 * 8 + 6))
    assert (first[6], second[6]) == ("sign_in_failed", "export")
    assert 'detail="wrong \\"password\\"\\]"' in first[7]
    assert 'ip="203.0.113.9"' in first[7]
    assert datetime.fromisoformat(first[2]).utcoffset() is not None


@pytest.mark.django_db
def test_what_a_server_did_not_take_is_sent_again_and_the_failure_is_seen(
    listener: Listener, settings: Any
) -> None:
    right, settings.TRAIL_SYSLOG_URL = settings.TRAIL_SYSLOG_URL, "syslog+tls://localhost:1"
    event()
    now = db_now()
    ship(now)
    ship(now)
    assert SetAside.objects.filter(sweep="trail-out", error="ConnectionRefusedError").exists()
    settings.TRAIL_SYSLOG_URL = right
    ship(now + timedelta(minutes=6))
    assert len(listener.messages) == 1
    assert not SetAside.objects.filter(sweep="trail-out").exists()


@pytest.mark.django_db
def test_a_server_with_another_name_or_authority_gets_nothing(tmp_path: Path, settings: Any) -> None:
    stranger = Listener(tmp_path, name="evil.example")
    settings.TRAIL_SYSLOG_URL = f"syslog+tls://localhost:{stranger.port}"
    event()
    for settings.TRAIL_SYSLOG_CA in (str(stranger.ca), ""):
        SetAside.objects.all().delete()
        ship(db_now())
        assert SetAside.objects.get(sweep="trail-out").error == "SSLCertVerificationError"
    assert stranger.messages == []
    stranger.server.close()


@pytest.mark.django_db
def test_json_lines_carry_the_same(tmp_path: Path, settings: Any) -> None:
    settings.TRAIL_JSON_FILE = str(tmp_path / "trail.jsonl")
    made = event("refused", detail="too many codes")
    ship(db_now())
    [line] = (tmp_path / "trail.jsonl").read_text().splitlines()
    said = json.loads(line)
    assert (said["id"], said["what"], said["detail"]) == (made.pk, "refused", "too many codes")
    assert datetime.fromisoformat(said["at"]).utcoffset() is not None
    assert TrailPosition.objects.get().up_to_id == made.pk


@pytest.mark.django_db
def test_an_event_waits_for_those_that_may_still_come_before_it(tmp_path: Path, settings: Any) -> None:
    settings.TRAIL_JSON_FILE = str(tmp_path / "trail.jsonl")
    event(at=db_now())
    ship(db_now())
    assert not (tmp_path / "trail.jsonl").exists()
    ship(db_now() + SETTLED + timedelta(seconds=1))
    assert (tmp_path / "trail.jsonl").exists()


@pytest.mark.django_db
def test_an_export_is_in_the_trail(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False
    people = cast()
    assert signed_in(people.nurse).get("/desk/figures/figures.csv").status_code == 200
    found = TrailEvent.objects.get(what="export")
    assert (found.user, found.clinic) == (people.nurse.user, people.clinic)


@given(st.text(max_size=80), st.text(max_size=40))
def test_no_word_breaks_a_line_or_passes_for_another_field(detail: str, device: str) -> None:
    said = {"id": 1, "at": datetime(2026, 1, 2, tzinfo=UTC), "what": "refused", "detail": detail, "device": device}
    line = as_syslog(said, "recovery.example.org")
    assert SYSLOG.fullmatch(line), line
    assert "\n" not in line
    assert unframed(framed(line) * 2) == [line, line]
    assert json.loads(as_json(said)).get("detail", "") == detail
    assert "\n" not in as_json(said)
