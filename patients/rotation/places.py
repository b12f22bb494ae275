"""Where locked secrets lie. Each place names its keys, locks a row anew, and gives up one that is lost."""

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

# Of what is stored, as much as names its key: what lies there may be long.
HEAD_LETTERS = len(MARK) + ID_LETTERS + 1
FACTOR_SECRETS = ("secret", HASHES, *OLD)
FACTOR_WORDS = {"totp": "authenticator app", "recovery_codes": "recovery codes"}
LOST = "its key was lost"
GIVEN_UP = "the {what} on our side cannot be read any more and was taken away; set up a new one when you sign in"


@dataclass(frozen=True)
class Lies:
    """How one secret lies there. key: "" when it is not locked; bound: to its row or person."""

    key: str
    bound: bool = True


class SecretPlace(Protocol):
    """One column of secrets."""

    @property
    def words(self) -> str:
        """The table and the column."""

    def rows(self) -> Iterator[tuple[Any, list[Lies]]]:
        """Each row that has a secret, by its primary key, and how its secrets lie."""

    def lock_anew(self, pk: Any) -> None:
        """With the newest key, in a transaction of its own; raises Unopened, and has changed nothing then."""

    def shut(self) -> Iterator[tuple[Any, str]]:
        """The rows that cannot be opened, and why."""

    def give_up(self, pk: Any) -> None:
        """Go on without this row's secret: whoever had it is asked for a new one."""


@dataclass(frozen=True)
class Column:
    """A LockedText of a model of ours, whose give_up() says what becomes of a row whose secret is lost."""

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
    """Secrets of authenticator apps, and hashes of recovery codes. A passkey has none with us."""

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
        """Its person is signed out, told, and asked for a new one at their next sign-in."""
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
    """Why a second factor cannot be checked any more; empty when it can."""
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
    """What recovery codes can be worked out of does not stay: as urgent as what is bound to nobody."""
    return Lies(key_id(stored.removeprefix(BOUND)), is_bound(stored) and not is_old(row))


def _secrets(data: dict[str, Any]) -> list[str]:
    """Of one second factor: texts, or lists of texts."""
    found = [data[name] for name in FACTOR_SECRETS if data.get(name)]
    return [text for value in found for text in (value if isinstance(value, list) else [value])]


def _anew(user_id: int, name: str, value: Any) -> Any:
    if name not in FACTOR_SECRETS or not value:
        return value
    if isinstance(value, list):
        return [_anew(user_id, name, one) for one in value]
    return lock_of(user_id, open_of(user_id, value))


def places() -> list[SecretPlace]:
    """All there are: a new LockedText is one of them from its first day."""
    fields = ((model, field) for model in apps.get_models() for field in model._meta.local_fields)
    return [Factors(), *(Column(model, field) for model, field in fields if isinstance(field, LockedText))]


def keys_in_use() -> dict[str, Counter[str]]:
    """By place: how many secrets lie under which key."""
    return {place.words: Counter(one.key for _, lies in place.rows() for one in lies) for place in places()}
