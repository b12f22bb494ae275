"""The folders of the copies: each appears in one step when it is complete, and is removed when it is old."""

import fcntl
import hashlib
import io
import json
import os
import re
import shutil
import tarfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

from ops.child import Failure
from ops.datadir import DataDir

RECORDS, KEYS, MANIFEST = "records.dump.age", "keys.tar.age", "manifest.json"
NAME = re.compile(r"kypho-\d{4}-\d{2}-\d{2}T\d{6}Z")
UNFINISHED = ".unfinished-"
# So many good copies are kept however old they are, in case no new ones were made for a long time.
FEWEST = 3
# Files that the records are of no use without, and that are not in the database.
KEPT = ("secret_key", "data_keys", "vapid_key", "kind")
LARGEST_KEY_BYTES = 1 << 20


@dataclass(frozen=True)
class Copy:
    """One copy. manifest: when it was made, its rows and files, and whether its trial found it good."""

    path: Path
    manifest: dict[str, Any]

    @property
    def made_at(self) -> datetime:
        return datetime.fromisoformat(self.manifest["made_at"])

    @property
    def is_good(self) -> bool:
        return bool(self.manifest["good"])

    @property
    def counts(self) -> dict[str, int]:
        """The number of rows of each table."""
        return dict(self.manifest["counts"])


def read(path: Path) -> Copy:
    """Return the copy in this folder; raises Failure when the folder holds none, or a file of it has changed."""
    try:
        copy = Copy(path, json.loads((path / MANIFEST).read_text()))
        files = dict(copy.manifest["files"])
        if not copy.made_at.tzinfo or not copy.counts or {RECORDS, KEYS} - files.keys():
            raise ValueError("it lacks something")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Failure(f"{path} is no copy: name a folder such as kypho-2026-01-31T030000Z") from error
    for name, digest in files.items():
        if not (path / name).is_file() or sha256(path / name) != digest:
            raise Failure(f"{path / name} is not as it was when it was made: take another copy")
    return copy


def listed(place: Path) -> list[Copy]:
    """Return all copies, the newest first; leaves out a folder that cannot be read."""
    found = []
    for path in place.iterdir() if place.is_dir() else ():
        if NAME.fullmatch(path.name):
            try:
                found.append(Copy(path, json.loads((path / MANIFEST).read_text())))
            except (OSError, ValueError):
                continue
    return sorted(found, key=lambda copy: copy.path.name, reverse=True)


def hold(place: Path) -> IO[str]:
    """Lock the folder for making a copy, and remove unfinished copies; raises Failure."""
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = (place / "lock").open("a")
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise Failure(f"a copy is being made in {place}: wait until it is done") from error
    except OSError as error:
        raise Failure(f"no copy can be written to {place}: {error.strerror}") from error
    for left in place.glob(f"{UNFINISHED}*"):
        shutil.rmtree(left, ignore_errors=True)
    return file


def begin(place: Path, now: datetime) -> Path:
    """Make the private folder in which a copy is built."""
    fresh = place / f"{UNFINISHED}kypho-{now:%Y-%m-%dT%H%M%SZ}"
    fresh.mkdir(mode=0o700)
    return fresh


def finish(fresh: Path, manifest: dict[str, Any]) -> Copy:
    """Write the manifest and everything to the disk, then give the folder its final name."""
    files = {path.name: sha256(path) for path in sorted(fresh.iterdir())}
    manifest = manifest | {"files": files}
    (fresh / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n")
    for path in (*fresh.iterdir(), fresh):
        _to_disk(path)
    done = fresh.rename(fresh.with_name(fresh.name.removeprefix(UNFINISHED)))
    _to_disk(done.parent)
    return Copy(done, manifest)


def _to_disk(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def too_old(copies: list[Copy], now: datetime, days: int) -> list[Copy]:
    """Return the copies older than `days` that are not among the FEWEST newest good ones; days 0: none."""
    good = [copy for copy in copies if copy.is_good]
    if not days or len(good) <= FEWEST:
        return []
    oldest = min(now - timedelta(days=days), good[FEWEST - 1].made_at)
    return [copy for copy in copies if copy.made_at < oldest]


def pack_keys(data: DataDir) -> bytes:
    """Return the key files of the data directory as a tar; empty when the settings hold the keys instead."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name in KEPT:
            if (data.path / name).is_file():
                tar.add(data.path / name, arcname=name)
    return packed.getvalue()


def unpack_keys(packed: bytes, data: DataDir, now: datetime) -> list[str]:
    """Put the key files into the data directory; returns the new names of existing files that differ."""
    aside = []
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        for member in tar.getmembers():
            if member.name not in KEPT or not member.isfile() or member.size > LARGEST_KEY_BYTES:
                raise Failure("the copy's keys hold something that is no key of ours")
            file = tar.extractfile(member)
            assert file is not None
            place, content = data.path / member.name, file.read()
            if place.exists() and place.read_bytes() != content:
                aside.append(f"{member.name}.{now.astimezone(UTC):%Y-%m-%dT%H%M%SZ}")
                place.rename(place.with_name(aside[-1]))
            place.unlink(missing_ok=True)
            with open(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
                target.write(content)
    return aside
