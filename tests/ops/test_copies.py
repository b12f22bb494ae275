"""A copy: closed for a key that is elsewhere, tried before it counts, kept long enough, put back whole or not."""

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.utils import timezone

from alerts.integrity import copies
from alerts.models import Epoch
from alerts.monitoring.promises.records import (
    GAP,
    RECORDS,
    late_log,
    log_not_kept,
    log_with_a_gap,
    no_copies,
    no_fresh_copy,
)
from ops.child import Failure
from ops.copies import age, folder, trial, wal
from ops.copies.folder import Copy
from ops.datadir import DataDir
from ops.embedded import running
from ops.up import ROOT
from tests.processes import NOT_INHERITED

pytestmark = pytest.mark.programs

NOW = datetime(2026, 5, 1, 3, tzinfo=UTC)
DAY = timedelta(days=1)
REDIS = {"REDIS_URL": trial.NOBODY}

# As few as a demo may have (manage.py seed_demo).
DEMO_PATIENTS = 13


class Installation:
    """A demo that was set up and stopped, the key of its copies, and where they go."""

    def __init__(self, place: Path) -> None:
        place.chmod(0o711)
        self.place, self.data, self.to = place, DataDir(place / "data"), place / "copies"
        self.key = place / "kypho.key"
        self.key.write_text(age.new_key())
        self.public = self.key.read_text().split("public key: ")[1].split()[0]

    def manage(self, *arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
        """bin/manage on its data."""
        environment = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
        environment |= {
            "BACKUP_RECIPIENTS": self.public,
            "BACKUP_TO": str(self.to),
            "DEMO": "1",
            "DEMO_PATIENTS": str(DEMO_PATIENTS),
        }
        environment |= settings
        code = "import sys; from ops.command import main; sys.exit(main(sys.argv[1:]))"
        argv = [sys.executable, "-c", code, "--data", str(self.data.path), *arguments]
        return subprocess.run(argv, cwd=ROOT, env=environment, capture_output=True, text=True)

    def restore(self, copy: Path, *more: str, **settings: str) -> "subprocess.CompletedProcess[str]":
        """With the right key."""
        return self.manage("restore", str(copy), "--identity", str(self.key), *more, **settings)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """With twelve made-up people, sealed, and one good copy."""
    found = Installation(tmp_path_factory.mktemp("installed"))
    for command in ("migrate", "seed_demo", "restored", "verify_records", "backup"):
        done = found.manage(command)
        assert done.returncode == 0, done.stderr
    return found


@pytest.fixture(scope="module")
def copy(installed: Installation) -> Path:
    return min(installed.to.glob("kypho-*"))


@pytest.fixture
def changed(copy: Path, tmp_path: Path) -> Path:
    """The copy, for a test to spoil."""
    return Path(shutil.copytree(copy, tmp_path / copy.name))


def note(copy: Path, **changes: Any) -> None:
    """Write the manifest anew, with the hashes of what is there."""
    known = json.loads((copy / folder.MANIFEST).read_text())
    known["files"] = {name: folder.sha256(copy / name) for name in (folder.RECORDS, folder.KEYS)}
    (copy / folder.MANIFEST).write_text(json.dumps(known | changes))


def flip(file: Path) -> None:
    """Another bit in its middle."""
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def test_a_copy_is_noted_and_only_its_owner_can_enter(installed: Installation, copy: Path) -> None:
    assert copies.newest(installed.data.path) == folder.read(copy).made_at
    assert copy.stat().st_mode & 0o077 == 0
    assert folder.read(copy).counts["patients_patient"] == DEMO_PATIENTS
    assert list(installed.data.path.glob("trial.*")) == list(installed.to.glob(".unfinished*")) == []


def test_nothing_of_it_can_be_read_without_the_key(installed: Installation, copy: Path) -> None:
    secret = (installed.data.path / "secret_key").read_bytes()
    words = (secret[:20], b"Riverside", b"demo.example")
    assert [file for file in copy.iterdir() for word in words if word in file.read_bytes()] == []
    other = installed.place / "other.key"
    other.write_text(age.new_key())
    done = installed.manage("restore", str(copy), "--identity", str(other))
    assert (done.returncode, "cannot be opened" in done.stderr) == (1, True)


def test_the_key_that_tries_a_copy_opens_no_other_part_of_it(copy: Path) -> None:
    """The keys of the installation are closed for people alone."""
    assert (copy / folder.KEYS).read_bytes().count(b"-> X25519") == 1


def test_with_the_real_key_it_is_tried_and_nothing_changes(installed: Installation, copy: Path) -> None:
    before = sorted(installed.data.path.iterdir())
    done = installed.restore(copy, "--try")
    assert (done.returncode, "all seals are whole" in done.stdout) == (0, True), done.stderr
    assert sorted(installed.data.path.iterdir()) == before


def change_a_sealed_row(url: str) -> None:
    """As somebody with the rights of the database's administrator can."""
    with closing(psycopg2.connect(url)) as line, line, line.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "UPDATE alerts_alertevent SET what = 'seen' WHERE id = (SELECT min(id) FROM alerts_alertevent)"
        )


def test_a_byte_that_differs_is_found_and_nothing_is_put_back(installed: Installation, changed: Path) -> None:
    before = sorted(installed.data.path.iterdir())
    flip(changed / folder.RECORDS)
    assert "not as it was when it was made" in installed.restore(changed).stderr
    note(changed)
    done = installed.restore(changed, "--only-copy")
    assert done.returncode == 1
    assert done.stderr.startswith("nothing was put back: ")
    assert sorted(installed.data.path.iterdir()) == before


def test_a_copy_that_lacks_rows_is_not_put_back(installed: Installation, changed: Path) -> None:
    note(changed, counts=folder.read(changed).counts | {"patients_patient": DEMO_PATIENTS + 1})
    done = installed.restore(changed, "--only-copy")
    assert f"patients_patient holds {DEMO_PATIENTS} rows, not {DEMO_PATIENTS + 1}" in done.stderr
    assert list(installed.data.path.glob("postgres.lost*")) == []


def test_on_a_new_machine_keys_and_kind_come_back_too(installed: Installation, copy: Path, tmp_path: Path) -> None:
    fresh = Installation(tmp_path)
    fresh.key = installed.key
    fresh.data.create()
    (fresh.data.path / "secret_key").write_text("of another installation")
    done = fresh.restore(copy, "--only-copy")
    assert done.returncode == 0, done.stderr
    assert "restored from a backup (another database server)" in done.stdout
    for name in ("secret_key", "vapid_key"):
        assert (fresh.data.path / name).read_bytes() == (installed.data.path / name).read_bytes()
    (kept,) = fresh.data.path.glob("secret_key.*")
    assert kept.read_text() == "of another installation"


def test_while_the_product_runs_nothing_is_put_back(installed: Installation, copy: Path) -> None:
    lock = installed.data.hold()
    assert lock
    with lock:
        assert "stop bin/up first" in installed.restore(copy).stderr


def test_a_copy_with_a_broken_seal_is_kept_and_does_not_count(installed: Installation, tmp_path: Path) -> None:
    spoilt = Installation(tmp_path)
    assert installed.manage("backup").returncode == 0
    whole = max(installed.to.glob("kypho-*"))
    spoilt.key = installed.key
    assert spoilt.restore(whole).returncode == 0
    with running(spoilt.data, REDIS) as addresses:
        change_a_sealed_row(addresses["DATABASE_URL"])
    done = spoilt.manage("backup")
    assert (done.returncode, "does not count as good" in done.stderr) == (1, True), done.stderr
    (kept,) = spoilt.to.glob("kypho-*")
    assert not folder.read(kept).is_good
    assert copies.newest(spoilt.data.path) is None


def test_into_a_server_of_somebody_else_by_its_address(
    installed: Installation, copy: Path, tmp_path: Path
) -> None:
    """DATABASE_URL names an administrator of an empty server, as a clinic's own PostgreSQL would be."""
    tmp_path.chmod(0o711)
    server = DataDir(tmp_path / "server")
    server.create()
    with running(server, REDIS) as addresses:
        own = {"DATABASE_URL": addresses["DATABASE_URL"], "DB_PASSWORD_OWNER": "a-password-of-the-owner"}
        keys = {"DATA_KEYS": installed.data.data_keys(), "SECRET_KEY": installed.data.secret_key()}
        done = installed.restore(copy, **own, **keys)
        assert done.returncode == 0, done.stderr
        assert "restored from a backup" in done.stdout
        with closing(psycopg2.connect(addresses["DATABASE_URL"])) as line, line.cursor() as cursor:
            cursor.execute("SELECT count(*), min(tableowner) FROM pg_tables, patients_patient"
                           " WHERE tablename = 'patients_patient'")  # fmt: skip
            assert cursor.fetchone() == (DEMO_PATIENTS, "kypho_owner")
        again = installed.restore(copy, **own, **keys)
        assert (again.returncode, "is not empty" in again.stderr) == (1, True)


def test_a_shell_to_the_database_opens_by_itself(installed: Installation) -> None:
    done = installed.manage("dbshell", "--", "-Atc", "SELECT count(*) FROM patients_patient", PATH="/usr/bin:/bin")
    assert (done.returncode, done.stdout.strip()) == (0, str(DEMO_PATIENTS)), done.stderr


def test_what_a_dead_one_left_open_is_cleared_away(installed: Installation, copy: Path) -> None:
    left = DataDir(installed.data.path / f"{trial.SCRATCH}{2**22 + 1}")
    left.create()
    assert installed.restore(copy, "--try").returncode == 0
    assert not left.path.exists()


def aged(days: float, *, good: bool = True) -> Copy:
    """A copy made so long before NOW."""
    made_at = NOW - days * DAY
    return Copy(Path(f"/kypho-{days}"), {"made_at": made_at.isoformat(), "good": good})


@pytest.mark.parametrize(
    ("days", "keep", "gone"),
    [
        ((0, 1, 2, 36, 40), 35, (36, 40)),
        ((0, 1, 2, 35), 35, ()),
        ((0, 50, 60, 70), 35, (70,)),
        ((40, 50, 60), 35, ()),
        ((0, 1, 2, 400), 0, ()),
        ((), 35, ()),
    ],
)
def test_old_copies_go_and_the_three_newest_good_ones_stay(
    days: tuple[float, ...], keep: int, gone: tuple[float, ...]
) -> None:
    assert [one.path for one in folder.too_old([aged(n) for n in days], NOW, keep)] == [aged(n).path for n in gone]


def test_a_copy_that_is_not_good_counts_for_nothing() -> None:
    rows = [aged(0), aged(1, good=False), aged(2, good=False), aged(50), aged(60), aged(70)]
    assert [one.path for one in folder.too_old(rows, NOW, 35)] == [aged(70).path]


def test_a_folder_with_a_strange_file_for_a_key_is_refused(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        tar.addfile(tarfile.TarInfo("../cronjob"))
    with pytest.raises(Failure, match="no key of ours"):
        folder.unpack_keys(packed.getvalue(), DataDir(tmp_path), NOW)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "does not say whose key"),
        ("me@example.org", "is no public key"),
        ("AGE-SECRET-KEY-1ABC", "wants the public one"),
        ("ssh-ed25519 nonsense", "is no public key"),
    ],
)
def test_a_recipient_that_is_none_is_refused_in_a_sentence(text: str, words: str) -> None:
    with pytest.raises(Failure, match=words) as found:
        age.recipients(text)
    assert "1ABC" not in str(found.value)


@pytest.mark.parametrize(
    "text", ["", "# a comment alone\n", "AGE-SECRET-KEY-1ABC", "-----BEGIN OPENSSH PRIVATE KEY-----"]
)
def test_a_key_file_that_is_none_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(Failure, match="key file"):
        age.identities(text)


@pytest.fixture
def real(settings: Any, tmp_path: Path) -> Path:
    """A real installation since 30 hours, whose data folder is here."""
    settings.DATA_DIR, settings.DEMO, settings.BACKUP_WITHIN_HOURS = tmp_path, False, 26
    Epoch.objects.create(
        seen_at=timezone.now() - timedelta(hours=30), cause="first", server=1, timeline=1, table_id=1
    )
    return tmp_path


@pytest.mark.django_db
def test_until_somebody_settles_copies_it_is_yellow_and_never_silently_green(real: Path) -> None:
    """An update must not page whoever has copies of their own; nor may an installation without any look whole."""
    now = timezone.now()
    assert [one.what for one in no_copies(now, None)] == ["no copy since the start of"]
    assert no_copies(now - timedelta(hours=5), None) == []
    assert no_fresh_copy(now, None) == []
    assert {one.key: one.warning for one in RECORDS if one.key.startswith("copies-")} == {
        "copies-are-fresh": False,
        "copies-are-set-up": True,
    }
    copies.note(real, now)
    assert no_copies(now, None) == []


@pytest.mark.django_db
def test_a_promise_is_broken_when_the_newest_copy_is_not_of_the_last_day(real: Path) -> None:
    now = timezone.now()
    copies.note(real, now)
    for hours, broken in ((0, False), (26, False), (26.1, True), (-26.1, True)):
        assert bool(no_fresh_copy(now + timedelta(hours=hours), None)) == broken
    (late,) = no_fresh_copy(now + timedelta(hours=30), None)
    assert (late.what, late.since) == ("the newest good copy", now + timedelta(hours=26))


@pytest.mark.django_db
@pytest.mark.parametrize("spoilt", ["", "{}", "[]", '{"made_at": "2026-05-01T03:00:00"}', '{"made_at": 5}'])
def test_a_note_that_cannot_be_read_breaks_it_at_once(real: Path, spoilt: str) -> None:
    (real / copies.NAME).write_text(spoilt)
    assert [one.ref for one in no_fresh_copy(timezone.now(), None)] == ["nobody can read when"]
    assert no_copies(timezone.now(), None) == []


@pytest.mark.django_db
def test_a_demo_and_whoever_copies_otherwise_need_none(real: Path, settings: Any) -> None:
    settings.DEMO = True
    assert no_fresh_copy(timezone.now(), None) == no_copies(timezone.now(), None) == []
    settings.DEMO, settings.BACKUP_WITHIN_HOURS = False, 0
    assert no_fresh_copy(timezone.now(), None) == no_copies(timezone.now(), None) == []


@pytest.fixture
def pieces(tmp_path: Path) -> tuple[Path, Path, str]:
    """A piece of PostgreSQL's log, where it is kept, and its name."""
    source = tmp_path / "piece"
    source.write_bytes(b"\0" * wal.BLOCK + b"of a patient" + b"\0" * wal.BLOCK * 9)
    return source, tmp_path / "kept", "000000010000000000000007"


def test_a_piece_is_kept_closed_and_comes_back_as_it_was(pieces: tuple[Path, Path, str], tmp_path: Path) -> None:
    source, place, name = pieces
    to, own = age.for_the_trial()
    wal.keep(source, name, place, [to])
    wal.keep(source, name, place, [to])
    ((kept, file),) = wal.kept(place)
    assert (kept, b"patient" in file.read_bytes()) == (name, False)
    wal.bring_back(file, tmp_path / "back", [own])
    assert (tmp_path / "back").read_bytes() == source.read_bytes()
    flip(file)
    with pytest.raises(Failure, match="cannot be opened"):
        wal.bring_back(file, tmp_path / "back", [own])


def test_another_piece_of_the_same_name_is_refused(pieces: tuple[Path, Path, str]) -> None:
    source, place, name = pieces
    to, _ = age.for_the_trial()
    wal.keep(source, name, place, [to])
    source.write_bytes(b"another")
    with pytest.raises(Failure, match="holds another"):
        wal.keep(source, name, place, [to])
    with pytest.raises(Failure, match="no piece"):
        wal.keep(source, "../../etc/cron.d/x", place, [to])


def test_pieces_go_when_no_copy_needs_them(pieces: tuple[Path, Path, str]) -> None:
    source, place, _ = pieces
    to, _ = age.for_the_trial()
    names = [f"0000000{line}00000000000000{number:02X}" for line, number in ((1, 7), (1, 9), (2, 10), (2, 11))]
    for name in (*names, "00000002.history"):
        wal.keep(source, name, place, [to])
    assert wal.remove_before(place, names[2]) == 2
    assert [name for name, _ in wal.kept(place)] == ["00000002.history", *names[2:]]


@pytest.mark.parametrize(("least", "status"), [(0, 1), (1 << 60, 0)])
def test_what_cannot_be_kept_stays_until_the_disk_is_full(
    installed: Installation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, least: int, status: int
) -> None:
    """PostgreSQL keeps it and asks again; before its own disk is full the piece is given up, which is noted."""
    (tmp_path / "global").mkdir()
    shutil.copy(installed.data.postgres / "global" / "pg_control", tmp_path / "global")
    (tmp_path / "full").write_text("no directory")
    monkeypatch.setenv("BACKUP_TO", str(tmp_path / "full"))
    monkeypatch.setenv("BACKUP_RECIPIENTS", installed.public)
    monkeypatch.setattr(wal, "LEAST_FREE_BYTES", least)
    monkeypatch.chdir(tmp_path)
    assert wal.main(["full", "000000010000000000000007"]) == status
    assert (tmp_path / wal.GAP).exists() == (status == 0)


@pytest.mark.django_db
def test_a_server_that_keeps_no_log_breaks_no_promise() -> None:
    assert log_not_kept(timezone.now(), None) == []


def test_a_log_that_is_not_kept_for_minutes_breaks_a_promise() -> None:
    now = timezone.now()
    assert late_log((True, now - timedelta(minutes=4)), now) == []
    assert len(late_log((True, now - timedelta(minutes=6)), now)) == 1
    assert late_log((False, now - DAY), now) == []


def test_a_piece_that_was_given_up_breaks_it_until_the_next_copy(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    now = timezone.now()
    assert log_with_a_gap(now) == []
    (tmp_path / GAP).parent.mkdir()
    (tmp_path / GAP).touch()
    assert Path(GAP).name == wal.GAP
    copies.note(tmp_path, now - DAY)
    assert len(log_with_a_gap(now)) == 1
    copies.note(tmp_path, timezone.now() + timedelta(seconds=1))
    assert log_with_a_gap(now) == []
