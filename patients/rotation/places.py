"""The places of locked secrets: each names its keys, locks a row again, and gives up a secret that is lost."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db import models, transaction
from django.db.models.functions import Left

from patients.services.sessions import end_all
from patients.sign_in.changes import tell
from patients.sign_in.factor_secrets import BOUND, TABLE, is_bound, lock_of, open_of
from patients.sign_in.recovery_codes import HASHES, OLD, Hashed, is_old
from patients.trail import What, note
from patients.vault.fields import LockedText
from patients.vault.keys import ID_LETTERS, MARK, Unopened, key_id

# How many letters of a stored secret to read to know its key: the whole may be long.
HEAD_LETTERS = len(MARK) + ID_LETTERS + 1
FACTOR_SECRETS = ("secret", HASHES, *OLD)
FACTOR_WORDS = {"totp": "authenticator app", "recovery_codes": "recovery codes"}
LOST = "its key was lost"
GIVEN_UP = "the {what} on our side cannot be read any more and was taken away; set up a new one when you sign in"


@dataclass(frozen=True)
class Lies:
    """How one secret is stored. key: its key's id, "" if not locked; bound: to its row or person."""

    key: str
    bound: bool = True


class SecretPlace(Protocol):
    """One column that holds secrets."""

    @property
    def words(self) -> str:
        """The names of the table and the column."""

    def rows(self) -> Iterator[tuple[Any, list[Lies]]]:
        """Yield the primary key of each row with a secret, and how its secrets are stored."""

    def lock_anew(self, pk: Any) -> None:
        """Lock a row with the newest key in its own transaction; raises Unopened and then changes nothing."""

    def shut(self) -> Iterator[tuple[Any, str]]:
        """Yield the rows whose secrets cannot be opened, and why."""

    def give_up(self, pk: Any) -> None:
        """Remove this row's secret, so that its owner is asked for a new one."""


@dataclass(frozen=True)
class Column:
    """A LockedText column of our models; the model's give_up() handles a row whose secret is lost."""

    model: type[models.Model]
    field: LockedText

    @property
    def words(self) -> str:
        return f"{self.model._meta.db_table}.{self.field.column}"

    def rows(self) -> Iterator[tuple[Any, list[Lies]]]:
        head = Left(self.field.attname, HEAD_LETTERS, output_field=models.TextField())
        found = self.model._base_manager.order_by("pk").values_list("pk", head)
        return ((pk, [Lies(key_id(stored))]) for pk, stored in found.iterator() if stored)

    def lock_anew(self, pk: Any) -> None:
        with transaction.atomic():
            row = self._held(pk)
            if row is not None:
                setattr(row, self.field.attname, getattr(row, self.field.attname))
                row.save(update_fields=[self.field.name])

    def shut(self) -> Iterator[tuple[Any, str]]:
        for row in self.model._base_manager.order_by("pk").iterator():
            if why := _why_not(lambda row=row: getattr(row, self.field.attname)):
                yield row.pk, why

    def give_up(self, pk: Any) -> None:
        with transaction.atomic():
            row: Any = self._held(pk)
            if row is not None:
                row.give_up()

    def _held(self, pk: Any) -> models.Model | None:
        return self.model._base_manager.select_for_update(no_key=True).filter(pk=pk).first()


@dataclass(frozen=True)
class Factors:
    """Secrets of authenticator apps and hashes of recovery codes. We store no secret of a passkey."""

    words: str = TABLE

    def rows(self) -> Iterator[tuple[Any, list[Lies]]]:
        found = Authenticator.objects.order_by("pk").iterator()
        return ((row.pk, [_lies(text, row) for text in _secrets(row.data)]) for row in found if _secrets(row.data))

    def lock_anew(self, pk: Any) -> None:
        with transaction.atomic():
            row = self._held(pk)
            if row is not None:
                if is_old(row):
                    Hashed.read(row).put(row)
                row.data = {name: _anew(row.user_id, name, value) for name, value in row.data.items()}
                row.save(update_fields=["data"])

    def shut(self) -> Iterator[tuple[Any, str]]:
        for row in Authenticator.objects.order_by("pk").iterator():
            if why := why_shut(row):
                yield row.pk, why

    def give_up(self, pk: Any) -> None:
        """Remove the factor, sign its owner out and tell them; the next sign-in asks for a new one."""
        with transaction.atomic():
            row = self._held(pk)
            if row is None:
                return
            user, kind = row.user, row.type
            row.delete()
            note(What.FACTOR_REMOVED, None, user=user, detail=f"{kind}: {LOST}")
            end_all(user, None, by=None, why=f"second factor: {LOST}")
            tell(user, GIVEN_UP.format(what=FACTOR_WORDS[kind]))

    def _held(self, pk: Any) -> Authenticator | None:
        found: Authenticator | None = Authenticator.objects.select_for_update(no_key=True).filter(pk=pk).first()
        return found


def why_shut(row: Authenticator) -> str:
    """Return why a second factor can no longer be checked; empty when it can."""
    return next(
        filter(None, (_why_not(lambda one=one: open_of(row.user_id, one)) for one in _secrets(row.data))), ""
    )


def _why_not(open_it: Any) -> str:
    try:
        open_it()
    except Unopened as error:
        return str(error)
    return ""


def _lies(stored: str, row: Authenticator) -> Lies:
    """Return how it is stored. Old rows, from which codes can be computed, count as not bound: equally urgent."""
    return Lies(key_id(stored.removeprefix(BOUND)), is_bound(stored) and not is_old(row))


def _secrets(data: dict[str, Any]) -> list[str]:
    """Return all stored secrets of one second factor."""
    found = [data[name] for name in FACTOR_SECRETS if data.get(name)]
    return [text for value in found for text in (value if isinstance(value, list) else [value])]


def _anew(user_id: int, name: str, value: Any) -> Any:
    if name not in FACTOR_SECRETS or not value:
        return value
    if isinstance(value, list):
        return [_anew(user_id, name, one) for one in value]
    return lock_of(user_id, open_of(user_id, value))


def places() -> list[SecretPlace]:
    """Return all places of secrets; a new LockedText field is included automatically."""
    fields = ((model, field) for model in apps.get_models() for field in model._meta.local_fields)
    return [Factors(), *(Column(model, field) for model, field in fields if isinstance(field, LockedText))]


def keys_in_use() -> dict[str, Counter[str]]:
    """Return for each place how many secrets are locked with which key."""
    return {place.words: Counter(one.key for _, lies in place.rows() for one in lies) for place in places()}
