"""For whom a transaction works is signed: a statement smuggled into a page cannot say that it is another.

The database keeps the key where only the owner of its tables reads it, and takes a signature in the transaction it
was made for alone. RFC 2104 (HMAC), with SHA-256, which PostgreSQL can work out by itself.
"""

import hmac
from functools import lru_cache

from patients.wall.roles import Cursor

BLOCK_BYTES = 64
# The name of a transaction, which a signature is made over: no two of one process of PostgreSQL begin in the same
# millionth of a second.
PLACE = "pg_backend_pid() || ' ' || encode(timestamptz_send(transaction_timestamp()), 'hex')"
HERE = f"SELECT {PLACE}"


@lru_cache(maxsize=4)
def key(secret: str) -> bytes:
    """The key of the wall, made of the SECRET_KEY, which cannot be worked out from it."""
    return hmac.digest(secret.encode(), b"kypho wall 1", "sha256")


def signature(secret: str, here: str, who: int, door: str = "", patient: int = 0) -> str:
    """What kypho_enter (patients.wall.functions) wants to see, hex. here: what the transaction answers to HERE."""
    return hmac.digest(key(secret), f"enter {here} {who} {patient} {door}".encode(), "sha256").hex()


def enter(secret: str, here: str, who: int = 0, door: str = "", patient: int = 0) -> str:
    """The call as SQL: everything in it is a number or a name of ours."""
    return f"public.kypho_enter({who}, '{door}', {patient}, '{signature(secret, here, who, door, patient)}')"


def keep(cursor: Cursor, secret: str) -> None:
    """Let the database know the key, as the owner. Nothing is written when it does."""
    pads = [bytes(byte ^ pad for byte in key(secret).ljust(BLOCK_BYTES, b"\0")).hex() for pad in (0x36, 0x5C)]
    inner, outer = (f"'\\x{pad}'::bytea" for pad in pads)
    cursor.execute(f"SELECT FROM public.kypho_wall_key WHERE inner_pad = {inner} AND outer_pad = {outer}")
    if not cursor.fetchall():
        cursor.execute("DELETE FROM public.kypho_wall_key")
        cursor.execute(f"INSERT INTO public.kypho_wall_key VALUES ({inner}, {outer})")  # noqa: S608
