"""Recovery codes: shown once when they are made, stored as hashes, each valid for one use.

They use the sign-in library's table, with our own content: a salt and the hashes of the unused codes, locked for
their owner. The library would store a seed instead, from which the codes can be computed at any time; such an old
row is replaced by hashes of the same codes at the next start, or when a code is typed.
"""

import hmac
import secrets
from dataclasses import dataclass, replace
from hashlib import scrypt
from typing import Self

from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.db import transaction

from patients.models import User
from patients.sign_in.factor_secrets import factors_of, lock_of, open_of

HASHES, OLD = "hashes", ("seed", "migrated_codes")
COUNT = 10
# 120 random bits; from 112 bits on even a fast hash would be enough (OWASP ASVS 5.0, 6.5.2).
GROUPS, LETTERS_IN_GROUP = 6, 4
# Without I, L, O and U, which are easily misread.
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
READ_AS = str.maketrans("ILO", "110")
LONGEST = 64
# A slow hash, because old codes have only 8 digits. Each takes 16 MiB and about 50 milliseconds.
SCRYPT_N, SCRYPT_R, SCRYPT_P = 2**14, 8, 1


@dataclass(frozen=True)
class Hashed:
    """The unused codes of one user, hashed. salt: hex, the same for all; hashes: hex."""

    salt: str
    hashes: tuple[str, ...]

    @classmethod
    def of(cls, codes: list[str]) -> Self:
        """Hash these codes with a new salt."""
        salt = secrets.token_hex(16)
        return cls(salt, tuple(_hash(code, salt) for code in codes))

    @classmethod
    def read(cls, row: Authenticator) -> Self:
        """Return the hashes of a row; raises Unopened. Codes of an old row are hashed here but not stored."""
        if HASHES in row.data:
            salt, *hashes = open_of(row.user_id, row.data[HASHES]).split()
            return cls(salt, tuple(hashes))
        with factors_of(row.user_id):
            return cls.of(RecoveryCodes(row).get_unused_codes())

    def put(self, row: Authenticator) -> None:
        """Put the hashes into the row in place of its content, without saving it."""
        row.data = {HASHES: lock_of(row.user_id, " ".join((self.salt, *self.hashes)))}

    def without(self, code: str) -> Self:
        """Return the hashes without this code; unchanged when it is none of them."""
        typed = _hash(code, self.salt)
        return replace(self, hashes=tuple(one for one in self.hashes if not hmac.compare_digest(one, typed)))


def is_old(row: Authenticator) -> bool:
    """Return whether the row holds data from which the codes can be computed."""
    return row.type == Authenticator.Type.RECOVERY_CODES and any(name in row.data for name in OLD)


def make_codes(user: User) -> list[str]:
    """Make and return ten new codes, the only time they are readable; earlier codes stop working."""
    codes = [_new_code() for _ in range(COUNT)]
    with transaction.atomic():
        # Without the lock two requests at once would make two rows.
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).delete()
        row = Authenticator(user=user, type=Authenticator.Type.RECOVERY_CODES)
        Hashed.of(codes).put(row)
        row.save()
    return codes


def codes_left(user: User) -> int:
    """Return how many codes are unused; raises Unopened."""
    row = Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).first()
    return len(Hashed.read(row).hashes) if row else 0


@transaction.atomic
def use_code(row: Authenticator, typed: str) -> bool:
    """Use up a code; returns whether it was an unused one. Raises Unopened."""
    if len(typed) > LONGEST or len(_plain(typed)) == app_settings.TOTP_DIGITS:
        return False  # six digits are a code of an authenticator app
    held = Authenticator.objects.select_for_update(no_key=True).filter(pk=row.pk).first()
    if held is None:
        return False
    before = Hashed.read(held)
    after = before.without(typed)
    if after != before or is_old(held):
        after.put(held)
        held.save(update_fields=["data"])
    return after != before


def _new_code() -> str:
    groups = ("".join(secrets.choice(LETTERS) for _ in range(LETTERS_IN_GROUP)) for _ in range(GROUPS))
    return "-".join(groups)


def _plain(typed: str) -> str:
    """Return the code without dashes, in capitals, and with misread letters corrected."""
    return "".join(letter for letter in typed.upper() if letter.isalnum()).translate(READ_AS)


def _hash(code: str, salt: str) -> str:
    plain = _plain(code).encode()
    return scrypt(plain, salt=bytes.fromhex(salt), n=SCRYPT_N, r=SCRYPT_R, p=SCRYPT_P, dklen=32).hex()
