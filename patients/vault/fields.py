"""A model field for a secret: encrypted in the database, plain text on the instance."""

from typing import Any

from django.db import models
from django.db.models.query_utils import DeferredAttribute

from patients.vault.keys import lock, unlock

BY_THE_ROW = "Set it on a row and save that: it is bound to its row, and nothing can be looked up by it."


class Stored(str):
    """A value as the database stores it."""

    __slots__ = ()


class _Opened(DeferredAttribute):
    """Decrypts the value on access, so that other fields of a row with a missing key stay readable."""

    field: "LockedText"

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        value = super().__get__(instance, cls)
        # An old value that was never locked also becomes plain text here; the next save locks it.
        return str(unlock(value, self.field.place_of(instance))) if isinstance(value, Stored) else value

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class LockedText(models.CharField):
    """A text field that encrypts its value for one column of one row, so that it opens nowhere else.

    max_length: of the stored value, which is about a third and 60 letters longer than the secret. place: a name
    for the column. bound_to: names of fields that identify the row and never change after the first save.
    """

    descriptor_class = _Opened

    def __init__(self, *args: Any, place: str = "", bound_to: tuple[str, ...] = (), **options: Any) -> None:
        self.place, self.bound_to = place, tuple(bound_to)
        super().__init__(*args, **options)

    def deconstruct(self) -> Any:
        """Include place and bound_to for migrations, which may write rows too."""
        name, path, args, options = super().deconstruct()
        return name, path, args, {**options, "place": self.place, "bound_to": self.bound_to}

    def place_of(self, instance: Any) -> str:
        """Return the text that this row's secret is bound to."""
        return ":".join([self.place, *(str(getattr(instance, name)) for name in self.bound_to)])

    def from_db_value(self, value: str | None, *args: Any) -> Any:
        """Keep the stored value until it is accessed."""
        return Stored(value) if value else value

    def stored_of(self, instance: Any) -> str:
        """Return the value to write: locked now unless it is already a stored value; empty stays empty."""
        value = instance.__dict__[self.attname]
        return value if isinstance(value, Stored) or not value else Stored(lock(value, self.place_of(instance)))

    def pre_save(self, model_instance: Any, add: bool) -> Any:
        """Lock the value here, the only step of a save that knows the row."""
        return self.stored_of(model_instance)

    def value_from_object(self, obj: Any) -> Any:
        """Return the stored value for exports, never the plain text."""
        return self.stored_of(obj)

    def get_prep_value(self, value: Any) -> Any:
        """Return the stored value; raises TypeError for plain text, such as in a query."""
        if value and not isinstance(value, Stored):
            raise TypeError(BY_THE_ROW)
        return str(value) if value else value
