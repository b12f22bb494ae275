"""Closing a stream for keys that need not be here, and opening it again: age (age-encryption.org/v1)."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import IO, Any

import pyrage
from pyrage import ssh, x25519

from ops.child import Failure

HOW = "docs/runbook.md says how, under “Backups”"


def new_key() -> str:
    """A new key as age-keygen writes it: to be kept away from the machine whose records it opens."""
    identity = x25519.Identity.generate()
    made = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return f"# created: {made}\n# public key: {identity.to_public()}\n{identity}\n"


def recipients(text: str) -> list[Any]:
    """Whom a copy is closed for: age1… or a public SSH key each, comma between; raises Failure."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise Failure(f"BACKUP_RECIPIENTS does not say whose key opens a copy: {HOW}")
    return [_recipient(name) for name in names]


def _recipient(name: str) -> Any:
    # Somebody who is in a hurry writes the wrong one of the two; it must not be repeated in a log.
    if name.upper().startswith("AGE-SECRET-KEY-"):
        raise Failure("BACKUP_RECIPIENTS holds a secret key: it wants the public one, age1…")
    kind = ssh if name.startswith("ssh-") else x25519
    try:
        return kind.Recipient.from_str(name)
    except pyrage.RecipientError as error:
        raise Failure(f"BACKUP_RECIPIENTS: “{name[:24]}” is no public key of age (age1…) or SSH") from error


def identities(text: str) -> list[Any]:
    """The secret keys of a file: as age-keygen wrote it, or an SSH key; raises Failure."""
    try:
        if "PRIVATE KEY-----" in text:
            return [ssh.Identity.from_buffer(text.encode())]
        lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
        found = [x25519.Identity.from_str(line) for line in lines]
    except pyrage.IdentityError as error:
        raise Failure("the key file holds something that is no secret key of age (AGE-SECRET-KEY-…)") from error
    if not found:
        raise Failure("the key file is empty: it must hold the secret key, AGE-SECRET-KEY-…")
    return found


def for_the_trial() -> tuple[Any, Any]:
    """A key that nobody keeps: (whom to close for, how to open it). A copy is tried without the real one."""
    identity = x25519.Identity.generate()
    return identity.to_public(), identity


def close(source: IO[bytes], target: IO[bytes], keys: Sequence[Any]) -> None:
    """Everything of source, encrypted, to target; raises Failure."""
    try:
        pyrage.encrypt_io(source, target, list(keys))
    except pyrage.EncryptError as error:
        raise Failure(f"the copy cannot be written: {error}") from error


def open_into(source: IO[bytes], target: IO[bytes], keys: Iterable[Any]) -> None:
    """Everything of source, decrypted, to target; raises Failure for another key, and for a byte that differs."""
    try:
        pyrage.decrypt_io(source, target, list(keys))
    except pyrage.DecryptError as error:
        raise Failure(f"the copy cannot be opened: {error}") from error
    except OSError as error:
        # What the disk or a pipe says has a number; what the cipher says has none.
        if error.errno is not None:
            raise
        raise Failure(f"the copy cannot be opened, a byte differs: {error}") from error
