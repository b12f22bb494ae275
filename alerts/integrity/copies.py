"""A note beside the database: when the newest good copy of it was made. Whoever copies writes it.

Beside it, not in it: a database that was put back would know of an older one alone.
"""

import json
import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path

NAME = "newest-copy.json"


def note(place: Path, made_at: datetime) -> None:
    """Replace it in one step; place: the data folder. Raises OSError."""
    fresh = place / f".{NAME}.{os.getpid()}"
    try:
        fresh.write_text(json.dumps({"made_at": made_at.isoformat()}), encoding="utf-8")
        # Whoever serves may be somebody else than whoever copies, and it is no secret.
        fresh.chmod(0o644)
        fresh.replace(place / NAME)
    finally:
        with suppress(OSError):
            fresh.unlink()


def newest(place: Path) -> datetime | None:
    """When it was made; None when nobody has ever noted one that can be read."""
    try:
        at = datetime.fromisoformat(json.loads((place / NAME).read_text(encoding="utf-8"))["made_at"])
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return at if at.tzinfo else None


def are_made(place: Path) -> bool:
    """Did anybody ever note one here, readable or not?"""
    return (place / NAME).exists()
