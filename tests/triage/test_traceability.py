"""Every rule cites statements that exist, and every statement that matters lives somewhere that exists."""

import pytest

from recovery.statement_places import all_citations, breaks
from recovery.triage.rulebook import load_rulebook
from recovery.triage.traceability import Embodied, cited_rows, embodiments, normal

BOOK = load_rulebook()
# A tapped list without an item, danger words, and rising pain stand on a document as a whole beside their rows.
CITE_A_WHOLE_DOCUMENT = {"R911-12", "RDN-17", "RDN-24", "RDN-25"}
# What an open alert does, a missed question and an odd reading are ours; no document speaks of them.
CITE_NO_ROW = {"RL-01", "RL-02", "RL-03", "RL-04", "RW-13", "RW-25", "R911-12", "RDN-24", "RDN-25", "RDN-29"}


def test_every_citation_exists_and_every_statement_that_matters_lives_somewhere() -> None:
    assert breaks() == []


def test_no_statement_is_embodied_only_in_part() -> None:
    assert [row.row for row in embodiments().values() if row.lacks] == []


def test_every_row_of_every_kind_is_cited_listed_or_left_out_with_a_reason() -> None:
    cited = cited_rows(BOOK.content, all_citations())
    assert len(cited) == 215
    assert [row for row, by in cited.items() if not by and row not in embodiments()] == []
    assert {row.row for row in embodiments().values() if row.left_out} == {"ED-04", "ED-22"}


def test_a_row_of_any_kind_that_nobody_carries_is_found() -> None:
    listed = {row: entry for row, entry in embodiments().items() if row != "RK-05"}
    gone = ("FIG-LASTING-PAIN", "CARD-WAY-BACK")
    citations = {key: cited for key, cited in all_citations().items() if key not in gone}
    found = breaks(citations, listed)
    assert {f"{row}: nothing embodies it" for row in ("RK-05", "OF-07", "EX-17", "EX-18", "EX-03")} <= set(found)


def test_what_is_left_out_has_a_reason_and_no_place() -> None:
    both = Embodied("ED-04", "Nowhere", ("card:CARD-ABOUT",), "", "Not ours to say.")
    assert "embodied.toml: ED-04: must name a place, or why it is left out" in breaks(
        listed={**embodiments(), "ED-04": both}
    )


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
    assert breaks(citations) == ["RDN-11: cites nothing", "DN-19: nothing embodies it"]


def test_a_row_that_only_a_card_carries_is_found_when_the_card_goes() -> None:
    citations = {key: cited for key, cited in all_citations().items() if key != "CARD-HELPER-TALK"}
    assert "CG-07: nothing embodies it" in breaks(citations)


@pytest.mark.parametrize("source", ["healthwise DN-99", "verywell DN-10", "default DF-99", "nobody"])
def test_a_citation_of_what_does_not_exist_is_found(source: str) -> None:
    found = breaks({**all_citations(), "M-PT": [source]})
    assert f"M-PT: cites {source!r}, which does not exist" in found


@pytest.mark.parametrize("identifier", ["RW-13", "CARD-SMOKE", "ASK-TEAM"])
def test_what_cites_nothing_is_found(identifier: str) -> None:
    assert f"{identifier}: cites nothing" in breaks({**all_citations(), identifier: []})


@pytest.mark.parametrize(
    "place",
    ["rule:R911-99", "rule:N-01", "notice:N-99", "milestone:M-FLY", "card:CARD-FLY", "priority:P9", "field:shoe"]
    + ["record:shoe", "page:recovery:nowhere", "file:templates/nowhere.html", "screen:today"],
)
def test_a_place_that_does_not_exist_is_found(place: str) -> None:
    row = Embodied("DN-22", "Somewhere", (place,), "")
    assert breaks(listed={**embodiments(), "DN-22": row}) == [f"embodied.toml: DN-22: there is no {place!r}"]


def test_an_entry_that_names_no_place_or_an_unknown_row_is_found() -> None:
    row = Embodied("XX-01", "Somewhere", (), "")
    assert breaks(listed={**embodiments(), "XX-01": row}) == [
        "embodied.toml: XX-01: there is no such row",
        "embodied.toml: XX-01: must name a place, or why it is left out",
    ]
