"""A small file beside the database: how far it had come. A database that is behind it was restored from a backup.

Only the copy of one server's files needs this: everything else shows in the database itself. A file that cannot be
read or written costs that one way of noticing, and nothing else.
"""

import json
import os
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings

NAME = "epoch-witness.json"


@dataclass(frozen=True)
class Mark:
    """A database by name, its epoch, and how many bytes its log had on the disk (it never shrinks)."""

    database: str
    epoch: str
    position: int


def place() -> Path:
    """Where the file lies."""
    return Path(settings.DATA_DIR) / NAME


def read() -> Mark | None:
    """What was written last; None when nothing can be read."""
    try:
        found = json.loads(place().read_text(encoding="utf-8"))
        return Mark(str(found["database"]), str(found["epoch"]), int(found["position"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def write(mark: Mark) -> bool:
    """Replace it in one step; False when that failed, and nothing is left behind."""
    fresh = place().with_name(f".{NAME}.{os.getpid()}.{threading.get_ident()}")
    try:
        fresh.write_text(json.dumps(asdict(mark)), encoding="utf-8")
        fresh.replace(place())
    except OSError:
        with suppress(OSError):
            fresh.unlink()
        return False
    return True
