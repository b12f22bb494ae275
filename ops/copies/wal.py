"""Archives PostgreSQL's own log (WAL) piece by piece; it holds everything written between two copies.

PostgreSQL runs this as its `archive_command` (ops.embedded), each time a piece is full and at least every
half minute. Each piece is encrypted like a copy, for keys that are not on this machine.
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
# The name of a piece, of the note about a copy of the files, or of a timeline's history.
PIECE = re.compile(r"([0-9A-F]{24}(?:\.partial|\.[0-9A-F]{8}\.backup)?|[0-9A-F]{8}\.history)")
KEPT = re.compile(PIECE.pattern + r"\.([0-9a-f]{16})\.age")
# With less space than this beside the database, a piece that cannot be kept is given up: a full disk would
# stop the database.
LEAST_FREE_BYTES = 2 << 30
GAP = "log-has-a-gap"
LARGEST_PIECE_BYTES = 1 << 30
BLOCK = 8192


def is_wanted(settings: Mapping[str, str]) -> bool:
    """Return whether the operator set both the place (BACKUP_TO) and the keys (BACKUP_RECIPIENTS)."""
    return bool(settings.get("BACKUP_TO") and settings.get("BACKUP_RECIPIENTS"))


def options(python: str) -> dict[str, str]:
    """Return the settings of PostgreSQL that make it archive its log with this module."""
    command = (
        f'"{python}" -m ops.copies.wal "%p" "%f"'.replace("%", "%%").replace("%%p", "%p").replace("%%f", "%f")
    )
    return {"archive_mode": "on", "archive_timeout": f"{EVERY_SECONDS}s", "archive_command": command}


def environment(settings: Mapping[str, str], root: Path) -> dict[str, str]:
    """Return the environment that PostgreSQL passes on to this module; it holds no secret."""
    kept = {name: settings[name] for name in ("BACKUP_TO", "BACKUP_RECIPIENTS")}
    return kept | {"PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}


def make_place(settings: Mapping[str, str], account: Account | None) -> None:
    """Make the directory for the log, writable for the account PostgreSQL runs as; raises Failure."""
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
    """Return the id of the server whose files these are: pieces of different servers have the same names."""
    (number,) = struct.unpack("<Q", (files / "global" / "pg_control").read_bytes()[:8])
    return str(number)


def keep(source: Path, name: str, place: Path, keys: list[Any]) -> None:
    """Archive one piece; keeping it twice is fine, a different one of the same name raises Failure. Or OSError."""
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
    """Yield the name and path of each archived piece, in order."""
    for path in sorted(place.iterdir()) if place.is_dir() else ():
        if found := KEPT.fullmatch(path.name):
            yield found[1], path


def bring_back(piece: Path, target: Path, keys: list[Any]) -> None:
    """Decrypt one piece into target; empty blocks take no space on the disk. Raises Failure."""
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
    """Remove the pieces before `first`; returns how many. History files are small and stay."""
    gone = [path for name, path in kept(place) if len(name) >= 24 and name[8:24] < first[8:24]]
    for path in gone:
        path.unlink()
    return len(gone)


def main(arguments: list[str]) -> int:
    """Archive one piece for PostgreSQL, which starts this in its data directory.

    Returns 0 when PostgreSQL may delete the piece, 1 when it must try again.
    """
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
