"""Signs the scope of a transaction, so that injected SQL cannot switch to another person.

The database keeps the key in a table that only the owner reads, and accepts a signature only in the transaction it
was made for. HMAC (RFC 2104) with SHA-256, which PostgreSQL can compute itself.
"""

import hmac
from functools import lru_cache

from patients.wall.roles import Cursor

BLOCK_BYTES = 64
# The name of a transaction, over which the signature is made. It is unique, because no two transactions of one
# PostgreSQL process begin in the same microsecond.
PLACE = "pg_backend_pid() || ' ' || encode(timestamptz_send(transaction_timestamp()), 'hex')"
HERE = f"SELECT {PLACE}"


@lru_cache(maxsize=4)
def key(secret: str) -> bytes:
    """Return the wall's key, derived from SECRET_KEY, which cannot be computed back from it."""
    return hmac.digest(secret.encode(), b"kypho wall 1", "sha256")


def signature(secret: str, here: str, who: int, door: str = "", patient: int = 0) -> str:
    """Return the signature for kypho_enter (patients.wall.functions) in hex. here: the transaction's name."""
    return hmac.digest(key(secret), f"enter {here} {who} {patient} {door}".encode(), "sha256").hex()


def enter(secret: str, here: str, who: int = 0, door: str = "", patient: int = 0) -> str:
    """Return the call of kypho_enter as SQL; it holds only numbers and our own names, so it needs no quoting."""
    return f"public.kypho_enter({who}, '{door}', {patient}, '{signature(secret, here, who, door, patient)}')"


def keep(cursor: Cursor, secret: str) -> None:
    """Store the key in the database, as the owner; writes nothing when it is there already."""
    pads = [bytes(byte ^ pad for byte in key(secret).ljust(BLOCK_BYTES, b"\0")).hex() for pad in (0x36, 0x5C)]
    inner, outer = (f"'\\x{pad}'::bytea" for pad in pads)
    cursor.execute(f"SELECT FROM public.kypho_wall_key WHERE inner_pad = {inner} AND outer_pad = {outer}")
    if not cursor.fetchall():
        cursor.execute("DELETE FROM public.kypho_wall_key")
        cursor.execute(f"INSERT INTO public.kypho_wall_key VALUES ({inner}, {outer})")  # noqa: S608
