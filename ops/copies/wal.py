"""PostgreSQL's own log, kept piece by piece as it is written: between two copies everything is in it.

PostgreSQL runs this as its `archive_command` (ops.embedded), each time a piece is full and at least every
half minute. A piece that is kept is encrypted like a copy, for keys that are not on this machine.
"""

import hashlib
import os
import re
import shutil
import struct
import sys
import zlib
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from ops.child import Account, Failure
from ops.copies import age

EVERY_SECONDS = 30
# A piece, the note of a copy of the files, or where a timeline began.
PIECE = re.compile(r"([0-9A-F]{24}(?:\.partial|\.[0-9A-F]{8}\.backup)?|[0-9A-F]{8}\.history)")
KEPT = re.compile(PIECE.pattern + r"\.([0-9a-f]{16})\.age")
# Where so little is left beside the database, what cannot be kept is given up: it must not stop the database.
LEAST_FREE_BYTES = 2 << 30
GAP = "log-has-a-gap"
LARGEST_PIECE_BYTES = 1 << 30
BLOCK = 8192


def is_wanted(settings: Mapping[str, str]) -> bool:
    """Did the operator say where to, and for whom?"""
    return bool(settings.get("BACKUP_TO") and settings.get("BACKUP_RECIPIENTS"))


def options(python: str) -> dict[str, str]:
    """What PostgreSQL is told."""
    command = (
        f'"{python}" -m ops.copies.wal "%p" "%f"'.replace("%", "%%").replace("%%p", "%p").replace("%%f", "%f")
    )
    return {"archive_mode": "on", "archive_timeout": f"{EVERY_SECONDS}s", "archive_command": command}


def environment(settings: Mapping[str, str], root: Path) -> dict[str, str]:
    """What PostgreSQL hands on to it: no secret is among it."""
    kept = {name: settings[name] for name in ("BACKUP_TO", "BACKUP_RECIPIENTS")}
    return kept | {"PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}


def make_place(settings: Mapping[str, str], account: Account | None) -> None:
    """A directory that PostgreSQL may write to, whoever it runs as; raises Failure."""
    place = Path(settings["BACKUP_TO"]) / "wal"
    try:
        place.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
        place.mkdir(mode=0o700, exist_ok=True)
        if account:
            place.parent.chmod(0o711)
            os.chown(place, account.uid, account.gid)
    except OSError as error:
        raise Failure(f"BACKUP_TO: {place} cannot be made: {error.strerror}") from error


def system(files: Path) -> str:
    """Which server these files belong to: its pieces have names that others have too."""
    (number,) = struct.unpack("<Q", (files / "global" / "pg_control").read_bytes()[:8])
    return str(number)


def keep(source: Path, name: str, place: Path, keys: list[Any]) -> None:
    """Keep one piece; again is no error, another one of the same name is. Raises OSError, Failure."""
    if not PIECE.fullmatch(name):
        raise Failure(f"{name} is no piece of PostgreSQL's log")
    content = source.read_bytes()
    digest = hashlib.sha256(content).hexdigest()[:16]
    place.mkdir(mode=0o700, exist_ok=True)
    known = [path.name for path in place.glob(f"{name}.*.age") if KEPT.fullmatch(path.name)]
    if any(KEPT.fullmatch(one)[1] == name and KEPT.fullmatch(one)[2] != digest for one in known):  # type: ignore[index]
        raise Failure(f"{place} holds another {name}")
    target = place / f"{name}.{digest}.age"
    if target.exists():
        return
    fresh = place / f".{target.name}"
    with fresh.open("wb") as file:
        age.close(BytesIO(zlib.compress(content, 1)), file, keys)
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(target)


def kept(place: Path) -> Iterator[tuple[str, Path]]:
    """Each piece by name, in order."""
    for path in sorted(place.iterdir()) if place.is_dir() else ():
        if found := KEPT.fullmatch(path.name):
            yield found[1], path


def bring_back(piece: Path, target: Path, keys: list[Any]) -> None:
    """Open one. What is empty in it takes no room on the disk; raises Failure."""
    packed = BytesIO()
    with piece.open("rb") as source:
        age.open_into(source, packed, keys)
    content = zlib.decompressobj().decompress(packed.getvalue(), LARGEST_PIECE_BYTES)
    digest = KEPT.fullmatch(piece.name)
    if not digest or hashlib.sha256(content).hexdigest()[:16] != digest[2]:
        raise Failure(f"{piece} is not as it was when it was kept")
    with target.open("wb") as file:
        for at in range(0, len(content), BLOCK):
            block = content[at : at + BLOCK]
            if block.strip(b"\0"):
                file.seek(at)
                file.write(block)
        file.truncate(len(content))


def remove_before(place: Path, first: str) -> int:
    """Pieces that no copy needs any more; how many there were. History files are small, and stay."""
    gone = [path for name, path in kept(place) if len(name) >= 24 and name[8:24] < first[8:24]]
    for path in gone:
        path.unlink()
    return len(gone)


def main(arguments: list[str]) -> int:
    """PostgreSQL's side: its directory is where we are. 0: it need not keep the piece any longer."""
    source, name = Path(arguments[0]), arguments[1]
    try:
        place = Path(os.environ["BACKUP_TO"]) / "wal" / system(Path())
        keep(source, name, place, age.recipients(os.environ["BACKUP_RECIPIENTS"]))
    except (Failure, OSError) as error:
        sys.stderr.write(f"{name} cannot be kept: {error}\n")
        if shutil.disk_usage(".").free > LEAST_FREE_BYTES:
            return 1
        Path(GAP).touch()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
