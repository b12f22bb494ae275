"""Recovery codes: shown to their person when they are made, kept as hashes, each good for one time.

Their row is the sign-in library's own; what lies in it is ours: the salt and the hashes of the codes still good,
locked for their person. The library keeps a seed instead, and works the codes out of it at any time; such a row is
written over at the next start, or when somebody types a code, with the hashes of the codes it stood for.
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
# 120 random bits: with 112 or more a fast hash would be as good as a slow one (OWASP ASVS 5.0, 6.5.2).
GROUPS, LETTERS_IN_GROUP = 6, 4
# Without I, L, O and U, which are read as others.
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
READ_AS = str.maketrans("ILO", "110")
LONGEST = 64
# For the codes of before, which are short: 8 digits. 16 MiB and some 50 milliseconds each.
SCRYPT_N, SCRYPT_R, SCRYPT_P = 2**14, 8, 1


@dataclass(frozen=True)
class Hashed:
    """The codes somebody has left. salt: hex, one for all of them; hashes: hex."""

    salt: str
    hashes: tuple[str, ...]

    @classmethod
    def of(cls, codes: list[str]) -> Self:
        """With a new salt."""
        salt = secrets.token_hex(16)
        return cls(salt, tuple(_hash(code, salt) for code in codes))

    @classmethod
    def read(cls, row: Authenticator) -> Self:
        """As they lie there; raises Unopened. Those of before are hashed here, and not stored."""
        if HASHES in row.data:
            salt, *hashes = open_of(row.user_id, row.data[HASHES]).split()
            return cls(salt, tuple(hashes))
        with factors_of(row.user_id):
            return cls.of(RecoveryCodes(row).get_unused_codes())

    def put(self, row: Authenticator) -> None:
        """Into the row, where nothing else stays; it is not saved."""
        row.data = {HASHES: lock_of(row.user_id, " ".join((self.salt, *self.hashes)))}

    def without(self, code: str) -> Self:
        """What is left when it was used; all of it when it is none of these."""
        typed = _hash(code, self.salt)
        return replace(self, hashes=tuple(one for one in self.hashes if not hmac.compare_digest(one, typed)))


def is_old(row: Authenticator) -> bool:
    """Does it hold something that codes can be worked out of?"""
    return row.type == Authenticator.Type.RECOVERY_CODES and any(name in row.data for name in OLD)


def make_codes(user: User) -> list[str]:
    """Ten new ones, in the only words they are ever told; those of before work no more."""
    codes = [_new_code() for _ in range(COUNT)]
    with transaction.atomic():
        # Two pages at once would make two rows.
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).delete()
        row = Authenticator(user=user, type=Authenticator.Type.RECOVERY_CODES)
        Hashed.of(codes).put(row)
        row.save()
    return codes


def codes_left(user: User) -> int:
    """How many still work; raises Unopened."""
    row = Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).first()
    return len(Hashed.read(row).hashes) if row else 0


@transaction.atomic
def use_code(row: Authenticator, typed: str) -> bool:
    """Is it one that is left? Then it is gone. Raises Unopened."""
    if len(typed) > LONGEST or len(_plain(typed)) == app_settings.TOTP_DIGITS:
        return False  # six digits are an app's
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
    """As people write it down and type it: small or large letters, with or without dashes."""
    return "".join(letter for letter in typed.upper() if letter.isalnum()).translate(READ_AS)


def _hash(code: str, salt: str) -> str:
    plain = _plain(code).encode()
    return scrypt(plain, salt=bytes.fromhex(salt), n=SCRYPT_N, r=SCRYPT_R, p=SCRYPT_P, dklen=32).hex()
