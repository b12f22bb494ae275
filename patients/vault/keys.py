"""Encrypts and decrypts one text with AES-256-GCM. No model, no clock.

The stored form is locked1:KEY:DATA: the id of the key, and base64 of nonce and ciphertext. The place is bound to
it as associated data, so a text locked for one place does not open in another. A text without the mark was stored
before there were keys, and is read unchanged.
"""

import base64
import binascii
import hashlib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

MARK = "locked1:"
KEY_BYTES, NONCE_BYTES, ID_LETTERS = 32, 12, 8
ID_OF = b"kypho data key 1"
MAKE_ONE = 'python3 -c "import secrets; print(secrets.token_urlsafe(32))"'
NOT_SET = (
    "DATA_KEYS is not set: the secrets in the database are locked with it. Make one with"
    f" {MAKE_ONE} and keep it apart from copies of the database."
)
NO_KEY = f"is a list of keys of {KEY_BYTES} random bytes each, comma between: {MAKE_ONE} makes one."


class Unopened(Exception):
    """None of our keys opens the secret. The message names the place and the key's id, but no secret."""


class NoKeys(Exception):
    """DATA_KEYS is not set, so there is no key to lock with."""


@dataclass(frozen=True)
class DataKey:
    """One key of DATA_KEYS."""

    raw: bytes

    @property
    def id(self) -> str:
        """The id, a hash of the key, so that no key can have another's id."""
        return hashlib.sha256(ID_OF + self.raw).hexdigest()[:ID_LETTERS]


def read_keys(texts: Sequence[str]) -> tuple[DataKey, ...]:
    """Return the keys in the order of the settings, the newest first; raises ValueError for an invalid one."""
    return tuple(DataKey(_key_bytes(text)) for text in texts)


def our_keys() -> tuple[DataKey, ...]:
    """Return our keys: the first locks, all open. Raises NoKeys without one, ValueError for an invalid one."""
    if not settings.DATA_KEYS:
        raise NoKeys(NOT_SET)
    return _read_once(tuple(settings.DATA_KEYS))


def lock(plain: str, place: str) -> str:
    """Lock a text with the newest key; place: what it is bound to."""
    key, nonce = our_keys()[0], os.urandom(NONCE_BYTES)
    data = nonce + AESGCM(key.raw).encrypt(nonce, plain.encode(), place.encode())
    return f"{MARK}{key.id}:{base64.urlsafe_b64encode(data).decode()}"


def unlock(stored: str, place: str) -> str:
    """Return the plain text that was locked for this place; raises Unopened when none of our keys opens it."""
    if not is_locked(stored):
        return stored
    known = next((key for key in our_keys() if key.id == key_id(stored)), None)
    if known is None:
        raise Unopened(f"{place}: locked with key {key_id(stored)}, which DATA_KEYS does not have")
    try:
        data = base64.urlsafe_b64decode(stored.rpartition(":")[2])
        return AESGCM(known.raw).decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], place.encode()).decode()
    except (InvalidTag, ValueError) as error:
        raise Unopened(f"{place}: changed since it was locked, or locked for another place") from error


def is_locked(stored: str) -> bool:
    """Return whether the value is locked; a value from before there were keys is not."""
    return stored.startswith(MARK)


def key_id(stored: str) -> str:
    """Return the id of the key that locked it; empty for a value that is not locked."""
    return stored.removeprefix(MARK).partition(":")[0] if is_locked(stored) else ""


@cache
def _read_once(texts: tuple[str, ...]) -> tuple[DataKey, ...]:
    return read_keys(texts)


def _key_bytes(text: str) -> bytes:
    if not re.fullmatch(r"[\w-]{43}=?", text, re.ASCII):
        raise ValueError("not a key")
    try:
        return base64.urlsafe_b64decode(text.rstrip("=") + "=")
    except binascii.Error as error:
        raise ValueError("not a key") from error
