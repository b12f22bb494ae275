"""The witness: a file beside the database says how far it had come. A database behind it was restored.

It is needed only to notice that older files of the same server were put back; other restores show in the database
itself. Without a readable and writable file only that one kind of restore goes unnoticed.
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
    """A database by name, its epoch, and the bytes of its log on disk (this number never shrinks)."""

    database: str
    epoch: str
    position: int


def place() -> Path:
    """The path of the file."""
    return Path(settings.DATA_DIR) / NAME


def read() -> Mark | None:
    """The mark that was written last; None when it cannot be read."""
    try:
        found = json.loads(place().read_text(encoding="utf-8"))
        return Mark(str(found["database"]), str(found["epoch"]), int(found["position"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def write(mark: Mark) -> bool:
    """Write the mark; replaces the file in one step. False when that failed; it then leaves no temporary file."""
    fresh = place().with_name(f".{NAME}.{os.getpid()}.{threading.get_ident()}")
    try:
        fresh.write_text(json.dumps(asdict(mark)), encoding="utf-8")
        fresh.replace(place())
    except OSError:
        with suppress(OSError):
            fresh.unlink()
        return False
    return True
