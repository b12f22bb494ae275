"""A file beside the database says when its newest good copy was made. The program that makes copies writes it.

It is not in the database, because a restored database would know only of an older copy.
"""

import json
import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path

NAME = "newest-copy.json"


def note(place: Path, made_at: datetime) -> None:
    """Note the time of a copy; replaces the file in one step. place: the data folder. Raises OSError."""
    fresh = place / f".{NAME}.{os.getpid()}"
    try:
        fresh.write_text(json.dumps({"made_at": made_at.isoformat()}), encoding="utf-8")
        # The server may run as another user than the program that copies, and the file is not secret.
        fresh.chmod(0o644)
        fresh.replace(place / NAME)
    finally:
        with suppress(OSError):
            fresh.unlink()


def newest(place: Path) -> datetime | None:
    """When the newest good copy was made; None when there is no readable note. place: the data folder."""
    try:
        at = datetime.fromisoformat(json.loads((place / NAME).read_text(encoding="utf-8"))["made_at"])
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return at if at.tzinfo else None


def are_made(place: Path) -> bool:
    """Was a copy ever noted here, readable or not? place: the data folder."""
    return (place / NAME).exists()
