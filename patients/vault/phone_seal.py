"""Opens urgent logs that phones sealed to the server's key, and checks phones' signatures. No model, no clock.

An envelope is JSON: {"v": its format (default 1), "to": our key's id, "from": the phone's one-time point, "iv",
"data"}, the last three in base64. Format 1: ECDH on P-256 gives the shared secret, HKDF-SHA256 with both points
as salt gives the key, AES-256-GCM encrypts. static/js/seal_log.js does the phone's part.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

MADE_FOR = b"kypho sealing key 1"
SEALED = b"kypho sealed log 1"
CURVE = ec.SECP256R1()
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
ID_LETTERS = 16
HALF_SIGNATURE_BYTES = 32


class Unopened(Exception):
    """None of our keys opens the envelope."""


class UnknownFormat(Unopened):
    """This version does not know the envelope's format; the message is the format."""


@dataclass(frozen=True)
class SealKey:
    """One key pair of the server. An envelope names its id."""

    private: ec.EllipticCurvePrivateKey

    @property
    def point(self) -> bytes:
        """The public key as an uncompressed point."""
        return _point(self.private.public_key())

    @property
    def point_text(self) -> str:
        """The public key in base64."""
        return base64.b64encode(self.point).decode()

    @property
    def id(self) -> str:
        """The first 16 letters of the public key's SHA-256 in hexadecimal."""
        return hashlib.sha256(self.point).hexdigest()[:ID_LETTERS]


def newest_key() -> SealKey:
    """Return the key that phones must seal to from now on."""
    return _key_of(settings.SECRET_KEY)


def open_envelope(envelope: str, label: str) -> bytes:
    """Return the content of an envelope sealed to one of our keys; raises Unopened. label: what it is bound to."""
    try:
        parts = json.loads(envelope)
        key = next(k for k in _all_keys() if k.id == parts["to"])
        version = parts.get("v", 1)
        if version not in FORMATS:
            raise UnknownFormat(str(version)[:ID_LETTERS])
        return FORMATS[version](key, parts, label.encode())
    except (ValueError, TypeError, KeyError, StopIteration, InvalidTag, RecursionError) as error:
        raise Unopened from error


def _open_p256(key: SealKey, parts: dict[str, object], bound: bytes) -> bytes:
    peer = read_point(parts["from"])
    shared = key.private.exchange(ec.ECDH(), peer)
    hkdf = HKDF(algorithm=hashes.SHA256(), length=32, salt=_point(peer) + key.point, info=SEALED)
    return AESGCM(hkdf.derive(shared)).decrypt(_bytes(parts["iv"]), _bytes(parts["data"]), bound)


# The function that opens each format. A new algorithm gets a new number, and the old ones stay (docs/crypto.md).
FORMATS: dict[int, Callable[[SealKey, dict[str, object], bytes], bytes]] = {1: _open_p256}


def read_point(text: object) -> ec.EllipticCurvePublicKey:
    """Return a phone's public key from base64 of the uncompressed point; raises ValueError for anything else."""
    return ec.EllipticCurvePublicKey.from_encoded_point(CURVE, _bytes(text))


def is_signed(message: str, signature: str, public_key: str) -> bool:
    """Return whether the phone with this public key signed the message; signature: base64 of r and s."""
    try:
        raw = _bytes(signature)
        if len(raw) != 2 * HALF_SIGNATURE_BYTES:
            return False
        half = [int.from_bytes(raw[:HALF_SIGNATURE_BYTES]), int.from_bytes(raw[HALF_SIGNATURE_BYTES:])]
        der = encode_dss_signature(*half)
        read_point(public_key).verify(der, message.encode(), ec.ECDSA(hashes.SHA256()))
    except (ValueError, InvalidSignature):
        return False
    return True


def _all_keys() -> list[SealKey]:
    return [_key_of(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


@cache
def _key_of(secret: str) -> SealKey:
    """Return the key pair derived from SECRET_KEY: it needs no setup of its own and changes together with it."""
    made = HKDF(algorithm=hashes.SHA256(), length=48, salt=None, info=MADE_FOR).derive(secret.encode())
    return SealKey(ec.derive_private_key(int.from_bytes(made) % (ORDER - 1) + 1, CURVE))


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _bytes(text: object) -> bytes:
    if not isinstance(text, str):
        raise ValueError("not a text")
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
