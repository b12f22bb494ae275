"""PURE except for random keys: Web Push encryption (RFC 8291, RFC 8188) and sender identity (VAPID, RFC 8292)."""

import base64
import json
import os
import struct
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

RECORD_BYTES = 4096
# Push services take at most 4096 bytes in all; our messages are far shorter.
MOST_BYTES = 3000
TOKEN_SECONDS = 12 * 3600
_LAST_RECORD = b"\x02"


def encrypt(
    text: bytes, p256dh: str, auth: str, *, key: ec.EllipticCurvePrivateKey | None = None, salt: bytes = b""
) -> bytes:
    """The encrypted body of one push message, for this browser alone.

    key, salt: fresh for every message; only the test of a published example passes them. ValueError: a key is not
    valid, or the text is longer than MOST_BYTES.
    """
    theirs, secret = read_public(p256dh), unpack(auth)
    if len(text) > MOST_BYTES or len(secret) != 16:
        raise ValueError("too long a message, or not an auth secret")
    key, salt = key or ec.generate_private_key(ec.SECP256R1()), salt or os.urandom(16)
    ours = public_bytes(key)
    shared = key.exchange(ec.ECDH(), theirs)
    info = b"WebPush: info\x00" + unpack(p256dh) + ours
    both = _hkdf(shared, secret, info, 32)
    content_key = _hkdf(both, salt, b"Content-Encoding: aes128gcm\x00", 16)
    nonce = _hkdf(both, salt, b"Content-Encoding: nonce\x00", 12)
    sealed = AESGCM(content_key).encrypt(nonce, text + _LAST_RECORD, None)
    return salt + struct.pack("!IB", RECORD_BYTES, len(ours)) + ours + sealed


def vapid_header(endpoint: str, private: str, subject: str, at: int) -> str:
    """The Authorization header: the sender's identity, signed for this push service. at: seconds since 1970."""
    key = read_private(private)
    parts = urlsplit(endpoint)
    claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": at + TOKEN_SECONDS, "sub": subject}
    head = pack(json.dumps({"typ": "JWT", "alg": "ES256"}, separators=(",", ":")).encode())
    signed = f"{head}.{pack(json.dumps(claims, separators=(',', ':')).encode())}"
    r, s = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    token = f"{signed}.{pack(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"
    return f"vapid t={token}, k={pack(public_bytes(key))}"


def new_private() -> str:
    """A new private VAPID key for an installation: 32 bytes in base64url."""
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return pack(number.to_bytes(32, "big"))


def read_private(text: str) -> ec.EllipticCurvePrivateKey:
    """The private VAPID key of 32 bytes in base64url. ValueError when it is not one."""
    raw = unpack(text)
    if len(raw) != 32:
        raise ValueError("a VAPID key is 32 bytes in base64url")
    return ec.derive_private_key(int.from_bytes(raw, "big"), ec.SECP256R1())


def read_public(text: str) -> ec.EllipticCurvePublicKey:
    """The public key of a browser's p256dh. ValueError when it is not a point of the curve."""
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unpack(text))
    except InvalidKey as error:
        raise ValueError("not a key") from error


def public_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The key as 65 bytes, uncompressed."""
    form = serialization.PublicFormat.UncompressedPoint
    return key.public_key().public_bytes(serialization.Encoding.X962, form)


def public_of(private: str) -> str:
    """The public part of a private VAPID key in base64url, for the browser that subscribes."""
    return pack(public_bytes(read_private(private)))


def pack(data: bytes) -> str:
    """Encode as base64url without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unpack(text: str) -> bytes:
    """Decode base64url with or without padding. ValueError when it is not base64url."""
    if not text.isascii():
        raise ValueError("not base64url")
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _hkdf(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)
