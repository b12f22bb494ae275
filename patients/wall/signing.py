"""For whom a transaction works is signed: a statement smuggled into a page cannot say that it is another.

The database keeps the key where only the owner of its tables reads it, and takes each signature once, on the one
connection it was made for. RFC 2104 (HMAC), with SHA-256, which PostgreSQL can work out by itself.
"""

import hmac
from functools import lru_cache

from patients.wall.roles import Cursor

BLOCK_BYTES = 64
# A turn is a number of the connection, drawn by the database, and below it those of the signatures made for it.
COUNTED_BITS = 19


@lru_cache(maxsize=4)
def key(secret: str) -> bytes:
    """The key of the wall, made of the SECRET_KEY, which cannot be worked out from it."""
    return hmac.digest(secret.encode(), b"kypho wall 1", "sha256")


def signature(secret: str, who: int, door: str, patient: int, turn: int) -> str:
    """What kypho_enter (patients.wall.functions) wants to see, hex."""
    return hmac.digest(key(secret), f"enter {turn} {who} {patient} {door}".encode(), "sha256").hex()


def enter(secret: str, turn: int, who: int = 0, door: str = "", patient: int = 0) -> str:
    """The call as SQL: everything in it is a number or a name of ours."""
    return (
        f"public.kypho_enter({who}, '{door}', {patient}, {turn}, '{signature(secret, who, door, patient, turn)}')"
    )


def keep(cursor: Cursor, secret: str) -> None:
    """Let the database know the key, as the owner. Nothing is written when it does."""
    pads = [bytes(byte ^ pad for byte in key(secret).ljust(BLOCK_BYTES, b"\0")).hex() for pad in (0x36, 0x5C)]
    inner, outer = (f"'\\x{pad}'::bytea" for pad in pads)
    cursor.execute(f"SELECT FROM public.kypho_wall_key WHERE inner_pad = {inner} AND outer_pad = {outer}")
    if not cursor.fetchall():
        cursor.execute("DELETE FROM public.kypho_wall_key")
        cursor.execute(f"INSERT INTO public.kypho_wall_key VALUES ({inner}, {outer})")  # noqa: S608
