"""What docs/runbook.md says of copies is done to the letter, to a product that runs: nothing is lost."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ops.datadir import DataDir
from ops.up import ROOT
from tests.ops import restoring
from tests.ops.restoring import Phone, ask
from tests.ops.test_restore_drill import EPOCHS, LOGS
from tests.processes import NOT_INHERITED, await_stack, left_behind, running_stack
from tests.recovery.conftest import NUMB
from tests.waiting import until

pytestmark = pytest.mark.processes
# Theirs alone: whoever reads the runbook has set none of it.
OF_THE_TESTS = {*NOT_INHERITED, "DEMO"}
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text()


def block(section: str, words: str) -> list[str]:
    """The lines of the first block of this section that has these words."""
    text = RUNBOOK.split(f"\n## {section}\n")[1].split("\n## ")[0]
    return next(found for found in re.findall(r"```\n(.*?)```", text, re.DOTALL) if words in found).splitlines()


MAKE_KEY = block("Backups", "--new-key")
MAKE_COPY = block("Backups", 'bin/manage --data "$DATA" backup')
PUT_BACK = block("Putting a copy back", 'bin/manage --data "$DATA" restore')


def shell(lines: list[str], here: Path, **settings: str) -> str:
    """What somebody who copies these lines into a shell reads."""
    environment = {name: value for name, value in os.environ.items() if name not in OF_THE_TESTS}
    argv = ["bash", "-e", "-c", "\n".join(lines)]
    done = subprocess.run(argv, cwd=here, env=environment | settings, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(params=["whole path", ".data"])
def data(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The data folder as somebody writes it; bin/ is where they are."""
    tmp_path.chmod(0o711)
    (tmp_path / "bin").symlink_to(ROOT / "bin")
    if request.param == ".data":
        (tmp_path / ".data").symlink_to("data")
        return ".data"
    return str(tmp_path / "data")


@contextmanager
def up_again(here: Path, data: str) -> Iterator[str]:
    """The last line of the block, on any free port; ends as with Ctrl-C."""
    environment = {name: value for name, value in os.environ.items() if name not in OF_THE_TESTS}
    line = f"exec {PUT_BACK[-1]} --port 0"
    with (here / "up.log").open("ab") as log:
        process = subprocess.Popen(
            ["bash", "-c", line],
            cwd=here,
            env={**environment, "DATA": data, "CANARY": "0"},
            stdout=log,
            stderr=log,
        )
    try:
        yield str(await_stack(here, process)["address"])
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)
    assert left_behind(here) == []


def keep_only_a_minute(place: Path, moment: float) -> set[Path]:
    """Wait until what was written at this moment is kept, for a minute at most; all pieces that are there then."""
    # A piece that was full just before is kept just after.
    until(lambda: kept_since(place, moment + 2), 60, every_seconds=0.3)
    return set(place.glob("wal/*/*.age"))


def kept_since(place: Path, moment: float) -> bool:
    """Is a piece of the database's log there that is younger?"""
    return any(piece.stat().st_mtime > moment for piece in place.glob("wal/*/*.age"))


def test_the_lines_of_the_runbook_bring_everything_back(data: str, tmp_path: Path) -> None:
    """With a whole path the log is kept too (BACKUP_TO is set at the start): nothing is lost."""
    folder, copies = DataDir(tmp_path / "data"), tmp_path / "copies"
    shell(MAKE_KEY, tmp_path)
    (public,) = re.findall(r"public key: (age1\w+)", (tmp_path / "kypho-backup.key").read_text())
    setup = {"BACKUP_RECIPIENTS": public, "BACKUP_TO": str(copies), "CANARY": "0"}
    assert MAKE_COPY[0] == "DATA=.data"
    keeps_log = data != ".data"
    with running_stack(tmp_path, demo=True, **(setup if keeps_log else {"CANARY": "0"})) as address:
        phone = Phone(restoring.sign_in(folder, "mei@demo.example"))
        phone.log(address)
        until(lambda: ask(folder, EPOCHS), 60, every_seconds=0.3)
        shell([f"DATA={data}", *MAKE_COPY[1:]], tmp_path, **setup)
        phone.log(address, **NUMB)
        kept = keep_only_a_minute(copies, time.time()) if keeps_log else set()
    for later in set(copies.glob("wal/*/*.age")) - kept:
        later.unlink()  # the disk died before it was kept
    (copy,) = copies.glob("kypho-*")
    assert json.loads((copy / "manifest.json").read_text())["seals"] == "whole"
    began = time.monotonic()
    told = shell(PUT_BACK[:-1], tmp_path, CANARY="0", DATA=data, COPY=str(copy), KEY="kypho-backup.key")
    assert "The records were restored from a backup" in told
    assert PUT_BACK[-1] == 'bin/up --data "$DATA"'
    with up_again(tmp_path, data) as address:
        sys.stdout.write(f"answers again after {time.monotonic() - began:.0f} s\n")
        ids = [entry["body"]["client_id"] for entry in phone.sent]
        assert len(ask(folder, LOGS, ids)) == (2 if keeps_log else 1)
        assert phone.send_again(address) == [200, 200 if keeps_log else 201]
        assert [cause for cause, _ in ask(folder, EPOCHS)] == ["first", "timeline" if keeps_log else "server"]
    assert len(list(folder.path.glob("postgres.lost-*"))) == 1
    assert list(folder.path.glob("trial.*")) == []
