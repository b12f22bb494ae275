"""Traceability in both directions: where each statement of the documents lives, and whether citations exist."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from recovery.triage.rulebook.files import FOLDER
from recovery.triage.shapes import Rulebook

# id of a rule, notice, milestone, card or question -> the sources it cites
Citations = Mapping[str, Sequence[str]]
# kind of place ("rule", "page", ...) -> does one of this name exist?
Known = Mapping[str, Callable[[str], bool]]


@dataclass(frozen=True, slots=True)
class Embodied:
    """Where a row lives besides its citations; `lacks` says which part of it is missing, and why.

    left_out: why the product leaves the row out on purpose; then it has no place.
    """

    row: str
    by: str
    where: tuple[str, ...]
    lacks: str
    left_out: str = ""


# row id -> where it lives
Embodiments = Mapping[str, Embodied]


@cache
def embodiments() -> Embodiments:
    """Return the product's own list of embodied.toml, read once."""
    return read_embodiments(tomllib.loads((FOLDER / "embodied.toml").read_text(encoding="utf-8")))


def read_embodiments(data: Mapping[str, Any]) -> Embodiments:
    """Return the list made from plain data; KeyError when an entry lacks a part."""
    rows = [
        Embodied(row["row"], row["by"], tuple(row.get("where", ())), row.get("lacks", ""), row.get("left_out", ""))
        for row in data["embodied"]
    ]
    return {row.row: row for row in rows}


def rule_citations(rulebook: Rulebook) -> dict[str, Sequence[str]]:
    """Return the sources that each rule, each notice and the calm message cite, by id."""
    said: tuple[Any, ...] = (*rulebook.urgent, *rulebook.latch, *rulebook.watch, *rulebook.notices, rulebook.calm)
    return {one.id: one.sources for one in said}


def cited_rows(content: Mapping[str, Any], citations: Citations) -> dict[str, list[str]]:
    """Return the ids that cite each row, by row id, in the order of the rule book; uncited rows have none."""
    found: dict[str, list[str]] = {row["id"]: [] for row in content["sources"]["rows"]}
    names = {f"{row['document']} {row['id']}": row["id"] for row in content["sources"]["rows"]}
    for identifier, sources in citations.items():
        for source in sources:
            if source in names:
                found[names[source]].append(identifier)
    return found


def broken_traces(
    content: Mapping[str, Any], citations: Citations, listed: Embodiments, known: Known
) -> Iterator[str]:
    """Return every break, in both directions, as a sentence; an empty list when everything is traced."""
    yield from _unknown_citations(content["sources"], citations)
    cited = cited_rows(content, citations)
    for row_id, citing in cited.items():
        if not citing and row_id not in listed:
            yield f"{row_id}: nothing embodies it"
    for row_id in listed:
        if row_id not in cited:
            yield f"embodied.toml: {row_id}: there is no such row"
    for entry in listed.values():
        yield from _unknown_places(entry, known)


def _unknown_citations(sources: Mapping[str, Any], citations: Citations) -> Iterator[str]:
    rows = {f"{row['document']} {row['id']}" for row in sources["rows"]}
    documents = {row["key"] for row in sources["documents"]}
    defaults = {f"default:{row['id']}" for row in sources["defaults"]}
    for identifier, cited in citations.items():
        if not cited:
            yield f"{identifier}: cites nothing"
        for source in cited:
            if normal(source) not in rows | documents | defaults:
                yield f"{identifier}: cites {source!r}, which does not exist"


def _unknown_places(entry: Embodied, known: Known) -> Iterator[str]:
    if bool(entry.where) == bool(entry.left_out):
        yield f"embodied.toml: {entry.row}: must name a place, or why it is left out"
    for place in entry.where:
        kind, _, name = place.partition(":")
        if not known.get(kind, _nowhere)(name):
            yield f"embodied.toml: {entry.row}: there is no {place!r}"


def _nowhere(name: str) -> bool:
    return False


def normal(source: str) -> str:
    """Return a source mark in its normal form: the "default DF-30" of milestones becomes "default:DF-30"."""
    return source.replace("default ", "default:", 1) if source.startswith("default ") else source
