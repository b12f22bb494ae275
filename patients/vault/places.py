"""Where locked secrets lie. Each place names the keys in use there, and locks a row anew."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db import models, transaction
from django.db.models.functions import Left

from patients.vault.fields import LockedText
from patients.vault.keys import ID_LETTERS, MARK, key_id, lock, unlock

# What the second factors' library hands to our adapter (patients.adapters) for locking, without saying for whom.
FACTORS = "mfa_authenticator.data"
# Of what is stored, as much as names its key: what lies there may be long.
HEAD_LETTERS = len(MARK) + ID_LETTERS + 1
FACTOR_SECRETS = ("secret", "seed", "migrated_codes")


class Place(Protocol):
    """One column of secrets."""

    @property
    def words(self) -> str:
        """The table and the column."""

    def rows(self) -> Iterator[tuple[Any, list[str]]]:
        """Of each row that has a secret: its number, and the id of each key there ("": not locked)."""

    def lock_anew(self, pk: Any) -> None:
        """With the newest key, in a transaction of its own; raises Unopened, and has changed nothing then."""


@dataclass(frozen=True)
class Column:
    """A LockedText of a model of ours."""

    model: type[models.Model]
    field: LockedText

    @property
    def words(self) -> str:
        return f"{self.model._meta.db_table}.{self.field.column}"

    def rows(self) -> Iterator[tuple[Any, list[str]]]:
        head = Left(self.field.attname, HEAD_LETTERS, output_field=models.TextField())
        found = self.model._base_manager.order_by("pk").values_list("pk", head)
        return ((pk, [key_id(stored)]) for pk, stored in found.iterator() if stored)

    def lock_anew(self, pk: Any) -> None:
        with transaction.atomic():
            row = self.model._base_manager.select_for_update(no_key=True).filter(pk=pk).first()
            if row is not None:
                setattr(row, self.field.attname, getattr(row, self.field.attname))
                row.save(update_fields=[self.field.name])


@dataclass(frozen=True)
class Factors:
    """Secrets of authenticator apps, and what recovery codes are worked out of. A passkey has none with us."""

    words: str = FACTORS

    def rows(self) -> Iterator[tuple[Any, list[str]]]:
        found = Authenticator.objects.order_by("pk").values_list("pk", "data")
        return ((pk, [key_id(text) for text in _secrets(data)]) for pk, data in found.iterator() if _secrets(data))

    def lock_anew(self, pk: Any) -> None:
        with transaction.atomic():
            row = Authenticator.objects.select_for_update(no_key=True).filter(pk=pk).first()
            if row is not None:
                row.data = {name: _anew(name, value) for name, value in row.data.items()}
                row.save(update_fields=["data"])


def _secrets(data: dict[str, Any]) -> list[str]:
    """Of one second factor: texts, or lists of texts."""
    found = [data[name] for name in FACTOR_SECRETS if data.get(name)]
    return [text for value in found for text in (value if isinstance(value, list) else [value])]


def _anew(name: str, value: Any) -> Any:
    if name not in FACTOR_SECRETS or not value:
        return value
    if isinstance(value, list):
        return [_anew(name, one) for one in value]
    return lock(unlock(value, FACTORS), FACTORS)


def places() -> list[Place]:
    """All there are: a new LockedText is one of them from its first day."""
    fields = ((model, field) for model in apps.get_models() for field in model._meta.local_fields)
    return [Factors(), *(Column(model, field) for model, field in fields if isinstance(field, LockedText))]


def keys_in_use() -> dict[str, Counter[str]]:
    """By place: how many secrets lie under which key."""
    return {place.words: Counter(key for _, keys in place.rows() for key in keys) for place in places()}
