"""Seals an urgent log to the server and signs it, as a phone does while its person is signed out.

Simulated phones use this copy of static/js/seal_log.js and phone_key.js; the server opens the envelopes with
patients/vault/phone_seal.py.
"""

import base64
import json
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVE = ec.SECP256R1()
SEALED, SIGNED = b"kypho sealed log 1", "kypho sealed log 1"
# A real phone makes it at random. Here it may be fixed, because each envelope has a key of its own.
IV = b"0" * 12


def b64(raw: bytes) -> str:
    """Bytes in base64, as browsers write them into JSON."""
    return base64.b64encode(raw).decode()


def point(key: ec.EllipticCurvePublicKey) -> bytes:
    """A public key as an uncompressed point."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def seal_up(text: bytes, client_id: str, about: str, *, to: str, server: str) -> str:
    """The text as a sealed envelope in JSON. to: the id of the server's key. server: its point in base64."""
    own, theirs = ec.generate_private_key(CURVE), base64.b64decode(server)
    shared = own.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, theirs))
    salt = point(own.public_key()) + theirs
    key = HKDF(algorithm=hashes.SHA256(), length=32, salt=salt, info=SEALED).derive(shared)
    data = AESGCM(key).encrypt(IV, text, f"{client_id} {about}".encode())
    return json.dumps({"v": 1, "to": to, "from": b64(point(own.public_key())), "iv": b64(IV), "data": b64(data)})


@dataclass(frozen=True)
class Pen:
    """The key pair of one phone. code: the name by which the server knows its public half."""

    code: str
    private: int

    @property
    def _pair(self) -> ec.EllipticCurvePrivateKey:
        return ec.derive_private_key(self.private, CURVE)

    @property
    def public(self) -> str:
        """The public half as it is registered with the server, in base64."""
        return b64(point(self._pair.public_key()))

    def signed(self, client_id: str, about: str, envelope: str) -> dict[str, str]:
        """The fields to post: the envelope with its key, id, patient and signature."""
        body = {"key": self.code, "id": client_id, "about": about, "envelope": envelope}
        message = "\n".join((SIGNED, *body.values()))
        r, s = decode_dss_signature(self._pair.sign(message.encode(), ec.ECDSA(hashes.SHA256())))
        return {**body, "signature": b64(r.to_bytes(32) + s.to_bytes(32))}
