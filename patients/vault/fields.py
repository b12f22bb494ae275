"""A column for a secret: locked in the database, plain on the row in memory."""

from typing import Any

from django.db import models
from django.db.models.query_utils import DeferredAttribute

from patients.vault.keys import lock, unlock

BY_THE_ROW = "Set it on a row and save that: it is bound to its row, and nothing can be looked up by it."


class Stored(str):
    """As it lies in the database."""

    __slots__ = ()


class _Opened(DeferredAttribute):
    """Opened when somebody asks for it: a row whose key is missing can still be read for all the rest."""

    field: "LockedText"

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        value = super().__get__(instance, cls)
        # A plain text from before there were keys is no Stored either, once it is opened: saved, it is locked.
        return str(unlock(value, self.field.place_of(instance))) if isinstance(value, Stored) else value

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class LockedText(models.CharField):
    """max_length: of what is stored, about a third and 60 letters more than the secret.

    place and bound_to, names of fields that never change after the first save: what was locked here opens in this
    column of this row alone.
    """

    descriptor_class = _Opened

    def __init__(self, *args: Any, place: str = "", bound_to: tuple[str, ...] = (), **options: Any) -> None:
        self.place, self.bound_to = place, tuple(bound_to)
        super().__init__(*args, **options)

    def deconstruct(self) -> Any:
        """For migrations, which may write rows too."""
        name, path, args, options = super().deconstruct()
        return name, path, args, {**options, "place": self.place, "bound_to": self.bound_to}

    def place_of(self, instance: Any) -> str:
        """What the secret of this row is bound to."""
        return ":".join([self.place, *(str(getattr(instance, name)) for name in self.bound_to)])

    def from_db_value(self, value: str | None, *args: Any) -> Any:
        """Kept as it lies there until it is asked for."""
        return Stored(value) if value else value

    def stored_of(self, instance: Any) -> str:
        """As it is written: locked now, unless it came from there. Nothing stays nothing."""
        value = instance.__dict__[self.attname]
        return value if isinstance(value, Stored) or not value else Stored(lock(value, self.place_of(instance)))

    def pre_save(self, model_instance: Any, add: bool) -> Any:
        """Here, and here alone, the row is at hand."""
        return self.stored_of(model_instance)

    def value_from_object(self, obj: Any) -> Any:
        """For exports: never in the clear."""
        return self.stored_of(obj)

    def get_prep_value(self, value: Any) -> Any:
        """Raises TypeError for a secret that did not come by a row."""
        if value and not isinstance(value, Stored):
            raise TypeError(BY_THE_ROW)
        return str(value) if value else value
