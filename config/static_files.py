"""Tells whether the collected static files are those of this version; works before Django is loaded."""

import hashlib
from pathlib import Path

MARKER = "collected-from"


def fingerprint(base: Path) -> str:
    """Return a hash that changes when one of our static files changes, or a library that brings some."""
    digest = hashlib.sha256((base / "requirements.lock").read_bytes())
    for place in sorted((base / "static").rglob("*")):
        found = place.stat()
        digest.update(f"{place}\0{found.st_mtime_ns}\0{found.st_size}\n".encode())
    return digest.hexdigest()


def are_current(base: Path, collected: Path) -> bool:
    """Return whether `collected` was made from the files that are now under `base`."""
    marker = collected / MARKER
    return marker.exists() and marker.read_text() == fingerprint(base)
