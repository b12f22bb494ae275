"""Querysets whose SQL Django writes once in the life of a process, not anew for each request.

Writing the SQL of a page's first statements took Django longer than PostgreSQL took to answer them. The queryset
stays the one definition: it is built once with stand-ins, and each call puts its own values in their places.
"""

import copy
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar, cast

from django.db import connections
from django.db.models import Model, QuerySet
from django.db.models.query import ModelIterable
from django.db.models.sql.compiler import SQLCompiler
from django.db.transaction import TransactionManagementError

Row = TypeVar("Row", bound=Model)
Value = int | datetime
# Values that no row and no constant of a query has: the largest keys, and moments long before us.
_LARGE, _LONG_AGO = 2**63 - 1000, datetime(1, 1, 2, tzinfo=UTC)


@dataclass(frozen=True)
class _Written:
    """A statement as Django wrote it; places[i] is the name of the value at parameter i, None for a constant."""

    queryset: QuerySet[Any]
    compiler: SQLCompiler
    sql: str
    params: tuple[Any, ...]
    places: tuple[str | None, ...]


class Prepared(Generic[Row]):
    """Call it with the values by name, as int or datetime; returns the rows. `build` returns their queryset.

    `build` names the type of each value. Its queryset yields model instances and prefetches nothing, and which
    statement it is depends on no value, setting or language.
    """

    def __init__(self, build: Callable[..., QuerySet[Row]]) -> None:
        """Nothing is built before the first call."""
        self._build = build
        self._written: _Written | None = None

    def __call__(self, **values: Value) -> list[Row]:
        """Run the statement. TransactionManagementError when it locks rows outside a transaction."""
        if self._written is None:
            self._written = _write(self._build)
        written = self._written
        params = tuple(
            values[name] if name else constant
            for name, constant in zip(written.places, written.params, strict=True)
        )
        queryset = written.queryset
        connection = connections[queryset.db]
        if queryset.query.select_for_update and connection.get_autocommit():
            raise TransactionManagementError("select_for_update cannot be used outside of a transaction.")
        compiler = copy.copy(written.compiler)
        compiler.connection = connection
        compiler.as_sql = lambda *_, **__: (written.sql, params)  # type: ignore[method-assign, assignment]
        rows: QuerySet[Row] = QuerySet(queryset.model, query=cast(Any, _Query(compiler)), using=queryset.db)
        return list(ModelIterable(rows))


@dataclass(frozen=True)
class _Query:
    """As much of a query as reading its rows needs."""

    compiler: SQLCompiler

    def get_compiler(self, using: str) -> SQLCompiler:
        return self.compiler


def _write(build: Callable[..., QuerySet[Any]]) -> _Written:
    """Return the statement. Raises TypeError for a queryset that cannot be prepared."""
    kinds = inspect.get_annotations(build, eval_str=True)
    names = [name for name in kinds if name != "return"]
    stand_ins = {name: _stand_in(kinds[name], place) for place, name in enumerate(names)}
    queryset = build(**stand_ins)
    if queryset._iterable_class is not ModelIterable or queryset._prefetch_related_lookups:  # type: ignore[attr-defined]
        raise TypeError(f"{build.__name__}: only plain model rows can be prepared")
    compiler = queryset.query.get_compiler(using=queryset.db)
    sql, params = compiler.as_sql()
    named = {value: name for name, value in stand_ins.items()}
    places = tuple(named.get(one) if isinstance(one, int | datetime) else None for one in params)
    if missing := set(names) - set(places):
        raise TypeError(f"{build.__name__}: the statement does not hold {', '.join(sorted(missing))} as it is")
    return _Written(queryset, compiler, sql, tuple(params), places)


def _stand_in(kind: type, place: int) -> Value:
    if kind is int:
        return _LARGE + place
    if kind is datetime:
        return _LONG_AGO.replace(microsecond=place + 1)
    raise TypeError(f"a value of a prepared statement is an int or a datetime, not {kind}")
