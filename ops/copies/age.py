"""Encrypts and decrypts streams with age (age-encryption.org/v1); encrypting needs no secret key here."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import IO, Any

import pyrage
from pyrage import ssh, x25519

from ops.child import Failure

HOW = "docs/runbook.md says how, under “Backups”"


def new_key() -> str:
    """Return a new key pair as age-keygen writes it. Keep it away from the machine whose records it opens."""
    identity = x25519.Identity.generate()
    made = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return f"# created: {made}\n# public key: {identity.to_public()}\n{identity}\n"


def recipients(text: str) -> list[Any]:
    """Return the public keys a copy is encrypted for; text: age1… or SSH keys, with commas. Raises Failure."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise Failure(f"BACKUP_RECIPIENTS does not say whose key opens a copy: {HOW}")
    return [_recipient(name) for name in names]


def _recipient(name: str) -> Any:
    # An operator in a hurry may paste the secret key instead of the public one; a log must not repeat it.
    if name.upper().startswith("AGE-SECRET-KEY-"):
        raise Failure("BACKUP_RECIPIENTS holds a secret key: it wants the public one, age1…")
    kind = ssh if name.startswith("ssh-") else x25519
    try:
        return kind.Recipient.from_str(name)
    except pyrage.RecipientError as error:
        raise Failure(f"BACKUP_RECIPIENTS: “{name[:24]}” is no public key of age (age1…) or SSH") from error


def identities(text: str) -> list[Any]:
    """Return the secret keys of a key file, as age-keygen wrote it, or of an SSH key; raises Failure."""
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
    """Return a temporary key pair (public, secret), so that a copy can be tried without the real secret key."""
    identity = x25519.Identity.generate()
    return identity.to_public(), identity


def close(source: IO[bytes], target: IO[bytes], keys: Sequence[Any]) -> None:
    """Write all of source, encrypted, to target; raises Failure."""
    try:
        pyrage.encrypt_io(source, target, list(keys))
    except pyrage.EncryptError as error:
        raise Failure(f"the copy cannot be written: {error}") from error


def open_into(source: IO[bytes], target: IO[bytes], keys: Iterable[Any]) -> None:
    """Write all of source, decrypted, to target; raises Failure for a wrong key or a changed byte."""
    try:
        pyrage.decrypt_io(source, target, list(keys))
    except pyrage.DecryptError as error:
        raise Failure(f"the copy cannot be opened: {error}") from error
    except OSError as error:
        # Errors of the disk or a pipe have an errno; errors of the cipher have none.
        if error.errno is not None:
            raise
        raise Failure(f"the copy cannot be opened, a byte differs: {error}") from error
