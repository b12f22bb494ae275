"""The watchdog tells people when the database is gone: a real PostgreSQL, a real watchdog, a real mail server."""

import json
import os
import signal
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from alerts.models import OnCallShift
from alerts.monitoring import second_route
from ops import roles
from ops.datadir import DataDir
from ops.embedded import running
from ops.up import ROOT
from patients.wall.roles import SWEEPS
from tests.people import Cast, cast, make_mobile
from tests.waiting import until

OPS = "ops@example.org"
PAGE_SECONDS = 60


class Post(socketserver.StreamRequestHandler):
    """Just enough SMTP to take a message."""

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        lines: list[bytes] = []
        in_text = False
        for line in self.rfile:
            if in_text:
                if line.strip() == b".":
                    self.server.taken.append(b"".join(lines).decode())  # type: ignore[attr-defined]
                    in_text, lines = False, []
                    self.wfile.write(b"250 taken\r\n")
                else:
                    lines.append(line)
                continue
            in_text = line.upper().startswith(b"DATA")
            self.wfile.write(b"354 go on\r\n" if in_text else b"250 ok\r\n")


@pytest.fixture
def post() -> Iterator[Any]:
    """The second mail server; what it took stands in .taken."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Post) as server:
        server.daemon_threads = True
        server.taken = []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def wait_for(post: Any, words: str, seconds: float) -> str:
    """The first message with these words; fails when none comes in time."""

    def found() -> list[str]:
        return [str(text) for text in list(post.taken) if words in " ".join(text.split())]

    try:
        return until(found, seconds)[0]
    except AssertionError:
        raise AssertionError(f"no message with {words!r} in {seconds} s: {post.taken}") from None


@pytest.mark.processes
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP], ids=["dead", "hanging"])
def test_a_database_that_is_gone_or_hangs_is_told_within_a_minute(
    tmp_path: Path, post: Any, how: signal.Signals
) -> None:
    for place in (tmp_path, *tmp_path.parents[:2]):
        place.chmod(0o711)
    contacts = tmp_path / "contacts.json"
    contacts.write_text(json.dumps({"emails": ["manager@example.org"], "phones": []}))
    data = DataDir(tmp_path / "data")
    data.create()
    with running(data, os.environ | {"DATABASE_URL": "", "REDIS_URL": ""}, throwaway=True) as addresses:
        settings = {
            "WATCHDOG_SMTP_URL": f"smtp://127.0.0.1:{post.server_address[1]}",
            "WATCHDOG_EMAIL": OPS,
            "WATCHDOG_CONTACT_FILE": str(contacts),
            "EMAIL_URL": "smtp://127.0.0.1:9",
            "DATA_DIR": str(tmp_path),
        }
        environment = {**os.environ, **settings, **addresses}
        argv = [sys.executable, "manage.py"]
        subprocess.run([*argv, "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
        url = addresses["DATABASE_URL"]
        roles.own(url)
        password = data.database_passwords([SWEEPS.name])[SWEEPS.name]
        environment["DATABASE_URL"] = roles.as_role(url, SWEEPS, password)
        watchdog = subprocess.Popen([*argv, "watchdog"], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
        try:
            # it has looked once: nobody works here, and it says so
            wait_for(post, "the worker's clock has been silent", 90)
            contacts.write_text(json.dumps({"emails": ["manager@example.org"], "phones": []}))
            post.taken.clear()
            os.kill(int((data.postgres / "postmaster.pid").read_text().split()[0]), how)
            _also_its_children(data, how)
            text = wait_for(post, "the database", PAGE_SECONDS)
            wait_for(post, "To: manager@example.org", PAGE_SECONDS)
        finally:
            watchdog.kill()
            watchdog.wait()
            _also_its_children(data, signal.SIGCONT)
    assert "/status/" in text


def _also_its_children(data: DataDir, number: signal.Signals) -> None:
    """A stopped postmaster has sessions that go on answering: they are stopped, or woken, too."""
    head = (data.postgres / "postmaster.pid").read_text().split()[0] if data.postgres.exists() else ""
    for place in Path("/proc").iterdir():
        with suppress(OSError):
            ours = place.name == head or f"PPid:\t{head}\n" in (place / "status").read_text()
            if place.name.isdigit() and ours:
                os.kill(int(place.name), number)


def test_the_contact_file_holds_managers_and_who_is_on_call_and_is_for_us_alone(
    db: None, settings: Any, tmp_path: Path
) -> None:
    people: Cast = cast()
    now = timezone.now()
    place = settings.WATCHDOG_CONTACT_FILE = tmp_path / "file.json"
    settings.WATCHDOG_EMAIL, settings.WATCHDOG_PHONE = f"{OPS}, second@example.org", "+13125550155"
    OnCallShift.objects.create(
        clinic=people.clinic, staff=people.nurse2, starts_at=now, ends_at=now + timedelta(hours=1)
    )
    make_mobile(people.manager, "+13125550111")
    make_mobile(people.nurse, "+13125550112")
    second_route.refresh_contacts(now)
    known = second_route.contacts()
    assert known["emails"][:2] == [OPS, "second@example.org"]
    assert set(known["emails"][2:]) == {people.manager.user.email, people.nurse2.user.email}
    assert known["phones"] == ["+13125550155", "+13125550111"]
    assert place.stat().st_mode & 0o777 == 0o600
    assert people.manager.name not in place.read_text()


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"emails": 5}', '{"emails": [5], "phones": null}'])
def test_a_contact_file_that_cannot_be_read_leaves_the_operator(settings: Any, tmp_path: Path, text: str) -> None:
    settings.WATCHDOG_CONTACT_FILE, settings.WATCHDOG_EMAIL = tmp_path / "file.json", OPS
    settings.WATCHDOG_CONTACT_FILE.write_text(text)
    assert second_route.contacts() == {"emails": [OPS], "phones": []}


def test_a_program_gets_the_text_without_health_data(settings: Any, tmp_path: Path) -> None:
    settings.WATCHDOG_CONTACT_FILE, settings.WATCHDOG_EMAIL = tmp_path / "none.json", ""
    settings.WATCHDOG_COMMAND = f"tee {tmp_path / 'told'}"
    assert second_route.tell("staff_watchdog", ["alerts are overdue: 1, for more than 60 seconds"])
    told = (tmp_path / "told").read_text()
    assert "alerts are overdue: 1" in told
    assert "/status/" in told


def test_a_demo_runs_no_program(settings: Any, tmp_path: Path) -> None:
    """Whoever copied the settings of the clinic into a demo wakes nobody with it."""
    settings.DEMO, settings.WATCHDOG_CONTACT_FILE, settings.WATCHDOG_EMAIL = True, tmp_path / "none.json", ""
    settings.WATCHDOG_COMMAND = f"tee {tmp_path / 'told'}"
    assert second_route.tell("staff_watchdog", ["x"])
    assert not (tmp_path / "told").exists()


def test_no_way_that_works_is_noticed(settings: Any, tmp_path: Path) -> None:
    settings.WATCHDOG_CONTACT_FILE, settings.WATCHDOG_EMAIL = tmp_path / "none.json", ""
    settings.WATCHDOG_COMMAND = "/nowhere/to/be/found"
    assert not second_route.tell("staff_watchdog", ["x"])


def test_what_is_missing_is_a_warning_but_in_a_demo(settings: Any) -> None:
    settings.DEMO, settings.WATCHDOG_EMAIL = False, ""
    assert second_route.missing() == ["WATCHDOG_EMAIL", "WATCHDOG_SMTP_URL"]
    settings.WATCHDOG_COMMAND = "pager"
    assert second_route.missing() == []
    settings.DEMO, settings.WATCHDOG_COMMAND = True, ""
    assert second_route.missing() == []
