"""Every rule cites statements that exist, and every statement that matters lives somewhere that exists."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from django.urls import NoReverseMatch, reverse

from recovery.plan.book import default_book
from recovery.triage.rulebook import load_rulebook
from recovery.triage.traceability import (
    Embodied,
    Embodiments,
    Known,
    broken_traces,
    embodiments,
    normal,
    rule_citations,
)

ROOT = Path(__file__).resolve().parents[2]
BOOK = load_rulebook()
A_CODE = "00000000-0000-4000-8000-000000000000"

# These lists may only get shorter.
OPEN = {"MD-02", "FU-05", "FU-10"}
LACKING = {
    *("RF-911-10", "AM-07", "RS-05", "SC-01", "SC-02", "SC-07"),
    *("FU-01", "FU-02", "FU-04", "FU-09"),
}
# A tapped list without an item, danger words, and rising pain stand on a document as a whole beside their rows.
CITE_A_WHOLE_DOCUMENT = {"R911-12", "RDN-17", "RDN-24", "RDN-25"}
# What an open alert does, a missed question and an odd reading are ours; no document speaks of them.
CITE_NO_ROW = {"RL-01", "RL-02", "RL-03", "RL-04", "RW-13", "RW-25", "R911-12", "RDN-24", "RDN-25"}


def page_exists(name: str) -> bool:
    for args in ([], [A_CODE]):
        try:
            return bool(reverse(name, args=args))
        except NoReverseMatch:
            continue
    return False


def known() -> Known:
    citations = all_citations()
    fields = {field["code"] for group in BOOK.content["groups"] for field in group["fields"]}
    return {
        "rule": lambda name: name.startswith("R") and name in citations,
        "notice": lambda name: name.startswith("N-") and name in citations,
        "milestone": default_book().ids.__contains__,
        "priority": {row.id for row in BOOK.priorities}.__contains__,
        "field": fields.__contains__,
        "record": {row["name"] for row in BOOK.content["patient"]}.__contains__,
        "page": page_exists,
        "file": lambda name: (ROOT / name).is_file(),
    }


def all_citations() -> dict[str, Sequence[str]]:
    return {**rule_citations(BOOK), **{entry.id: entry.sources for entry in default_book().entries}}


def broken(citations: dict[str, Sequence[str]] | None = None, listed: Embodiments | None = None) -> list[str]:
    return list(broken_traces(BOOK.content, citations or all_citations(), listed or embodiments(), known()))


def test_every_citation_exists_and_every_statement_that_matters_lives_somewhere() -> None:
    assert broken() == []


def test_what_nothing_embodies_yet_is_exactly_this() -> None:
    assert set(embodiments().open) == OPEN


def test_what_is_embodied_only_in_part_is_exactly_this() -> None:
    assert {row.row for row in embodiments().embodied.values() if row.lacks} == LACKING


def test_only_these_cite_a_whole_document_instead_of_a_row() -> None:
    documents = {row["key"] for row in BOOK.content["sources"]["documents"]}
    assert {key for key, cited in all_citations().items() if documents & set(cited)} == CITE_A_WHOLE_DOCUMENT


def test_only_these_cite_no_row_at_all() -> None:
    rows = {f"{row['document']} {row['id']}" for row in BOOK.content["sources"]["rows"]}
    assert {key for key, cited in all_citations().items() if not rows & set(cited)} == CITE_NO_ROW


def test_every_question_of_the_log_names_a_document_or_a_default_that_exists() -> None:
    sources = BOOK.content["sources"]
    there = {row["key"] for row in sources["documents"]} | {f"default:{row['id']}" for row in sources["defaults"]}
    for group in BOOK.content["groups"]:
        for field in group["fields"]:
            assert field["sources"], field["code"]
            assert {normal(source) for source in field["sources"]} <= there, field["code"]


def test_a_row_nobody_cites_any_more_is_found() -> None:
    citations = {key: [s for s in cited if s != "healthwise DN-19"] for key, cited in all_citations().items()}
    assert "DN-19: nothing embodies it, and it is not listed as open" in broken(citations)


@pytest.mark.parametrize("source", ["healthwise DN-99", "verywell DN-10", "default DF-99", "nobody"])
def test_a_citation_of_what_does_not_exist_is_found(source: str) -> None:
    found = broken({**all_citations(), "M-PT": [source]})
    assert f"M-PT: cites {source!r}, which does not exist" in found


def test_a_rule_without_a_source_is_found() -> None:
    assert broken({**all_citations(), "RW-13": []}) == ["RW-13: cites nothing"]


@pytest.mark.parametrize(
    "place",
    ["rule:R911-99", "rule:N-01", "notice:N-99", "milestone:M-FLY", "priority:P9", "field:shoe", "record:shoe"]
    + ["page:recovery:nowhere", "file:templates/nowhere.html", "screen:today"],
)
def test_a_place_that_does_not_exist_is_found(place: str) -> None:
    row = Embodied("DN-22", "Somewhere", (place,), "")
    listed = replace(embodiments(), embodied={**embodiments().embodied, "DN-22": row})
    assert broken(listed=listed) == [f"embodied.toml: DN-22: there is no {place!r}"]


def test_an_entry_for_an_unknown_row_and_an_open_row_that_lives_are_found() -> None:
    listed = replace(embodiments(), open={**embodiments().open, "XX-01": "Why", "DN-10": "Why"})
    assert broken(listed=listed) == [
        "embodied.toml: XX-01: there is no such row",
        "embodied.toml: DN-10: it is listed as open, yet something embodies it",
    ]
