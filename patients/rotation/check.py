"""Checks at the start of a process that it has the keys of all secrets in the database."""

import sys
from concurrent.futures import ThreadPoolExecutor

from django.db import DatabaseError, connection

from patients.rotation.rotation import missing_keys
from patients.wall.scope import Scope, entered


def refuse_missing_keys() -> None:
    """End the process with a sentence if a key is missing; goes on when the database is down or has no tables."""
    # In a thread, because the event stream's process may already run its event loop.
    with ThreadPoolExecutor(1) as thread:
        refused = thread.submit(_asked).result()
    if refused:
        sys.stderr.write(f"{refused}\n")
        raise SystemExit(1)


def _asked() -> str:
    try:
        with entered(Scope(door="keys")):
            return missing_keys()
    except DatabaseError:
        return ""
    finally:
        connection.close()
