"""Whether the collected static files are those of this version. No Django here: bin/up asks before it runs one."""

import hashlib
from pathlib import Path

MARKER = "collected-from"


def fingerprint(base: Path) -> str:
    """Changes when one of our static files does, or a library that brings some."""
    digest = hashlib.sha256((base / "requirements.lock").read_bytes())
    for place in sorted((base / "static").rglob("*")):
        found = place.stat()
        digest.update(f"{place}\0{found.st_mtime_ns}\0{found.st_size}\n".encode())
    return digest.hexdigest()


def are_current(base: Path, collected: Path) -> bool:
    """Whether `collected` was made from what now lies under `base`."""
    marker = collected / MARKER
    return marker.exists() and marker.read_text() == fingerprint(base)
