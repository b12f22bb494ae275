"""A data directory that is read-only, or was cut in the middle of a write."""

import os
from pathlib import Path

import pytest

from ops.child import Failure
from ops.datadir import DataDir
from ops.embedded import initdb_reason
from patients.vault.keys import read_keys


@pytest.mark.parametrize("text", ["", "\n"])
def test_a_secret_that_was_never_written_whole_is_made_anew(tmp_path: Path, text: str) -> None:
    (tmp_path / "secret_key").write_text(text)
    (tmp_path / "vapid_key").write_text(text)
    (tmp_path / "data_keys").write_text(text)
    data = DataDir(tmp_path)
    assert len(data.secret_key()) > 64
    assert data.secret_key() == data.secret_key()
    assert data.vapid_key(lambda: "made") == "made"
    assert read_keys([data.data_keys()]) == read_keys([data.data_keys()])
    assert (tmp_path / "data_keys").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
    assert sorted(place.name for place in tmp_path.iterdir()) == ["data_keys", "secret_key", "vapid_key"]


@pytest.mark.parametrize(
    ("owner", "words"), [(0, "is read-only for us"), (1, "belongs to another user")], ids=["ours", "theirs"]
)
def test_why_a_directory_cannot_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: int, words: str
) -> None:
    """Also for root, whom permissions do not stop but a disk that is mounted read-only does."""
    monkeypatch.setattr(os, "access", lambda *_: False)
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + owner)
    with pytest.raises(Failure, match=f"{words}.*--data"):
        DataDir(tmp_path).create()


def test_why_postgresql_could_not_make_its_files() -> None:
    lines = [
        "The files belonging to this database system will be owned by user nobody.",
        "initdb: removing contents of data directory /data/postgres.new.7",
        "2026-11-30 01:49 UTC [7] FATAL:  could not write to file: No space left on device",
    ]
    assert initdb_reason(lines).endswith("No space left on device")
    assert initdb_reason(["initdb: error: cannot be run as root", "initdb: removing"]).endswith("as root")
    assert initdb_reason(["initdb: something else"]) == "initdb: something else"
    assert initdb_reason([]) == "no reason given"
