"""A browser that subscribed: real keys, and the reader's side of RFC 8291, written a second time on purpose."""

import base64
import json
import os
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from patients.models import ContactMethod, Staff
from patients.models.contact import mark_of
from tests.people import make_mobile

UNCOMPRESSED = (serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


class Subscriber:
    """One browser; its address and keys are its own."""

    def __init__(self, endpoint: str, private: str = "", auth: str = "") -> None:
        number = int.from_bytes(unpack(private), "big") if private else 0
        self.key = (
            ec.derive_private_key(number, ec.SECP256R1()) if number else ec.generate_private_key(ec.SECP256R1())
        )
        self.public = self.key.public_key().public_bytes(*UNCOMPRESSED)
        self.auth = unpack(auth) if auth else os.urandom(16)
        self.endpoint = endpoint

    @property
    def keys(self) -> dict[str, str]:
        """As a browser hands them over."""
        return {"p256dh": pack(self.public), "auth": pack(self.auth)}

    def read(self, body: bytes) -> bytes:
        """The text of a push message."""
        salt, length = body[:16], body[20]
        sender, sealed = body[21 : 21 + length], body[21 + length :]
        shared = self.key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))
        both = derive(shared, self.auth, b"WebPush: info\0" + self.public + sender, 32)
        key = derive(both, salt, b"Content-Encoding: aes128gcm\0", 16)
        nonce = derive(both, salt, b"Content-Encoding: nonce\0", 12)
        return AESGCM(key).decrypt(nonce, sealed, None).rstrip(b"\0")[:-1]

    def note(self, line: dict[str, Any]) -> dict[str, Any]:
        """What a line of the simulator's ledger says to the person."""
        note: dict[str, Any] = json.loads(self.read(base64.b64decode(line["body_base64"])))
        return note

    def owned_by(self, staff: Staff, **fields: Any) -> ContactMethod:
        """This browser as a device of a member of staff."""
        kept = json.dumps({"endpoint": self.endpoint, **self.keys})
        known = {"kind": "push", "label": "Chrome on Windows", "subscription": kept}
        return make_mobile(staff, mark_of(self.endpoint), **{**known, **fields})


def derive(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    """HKDF with SHA-256."""
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


def pack(data: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unpack(text: str) -> bytes:
    """The bytes of base64url."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
