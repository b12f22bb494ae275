"""The section of the rule book page that says where each statement of the documents lives."""

from dataclasses import dataclass

from recovery.plan.book import Book
from recovery.triage.rulebook import source_title
from recovery.triage.shapes import Rulebook
from recovery.triage.traceability import cited_rows, embodiments, must_live, rule_citations

KINDS = {
    "red-flag-911": "Red flags: call 911",
    "doctor-now": "Call the doctor now",
    "watch": "Watch",
    "activity-milestone": "Activity",
    "restriction": "Restrictions",
    "self-care": "Self-care",
    "medicine": "Medicines",
    "follow-up": "Follow-up",
}


@dataclass(frozen=True)
class Trace:
    """One statement: what it says, which rules cite it, where else it lives, and what is still open."""

    id: str
    title: str
    section: str
    said: str
    cited_by: tuple[str, ...]
    by: str
    lacks: str
    open: str


def traces(rulebook: Rulebook, book: Book) -> list[tuple[str, list[Trace]]]:
    """The statements that must live somewhere, kind by kind, in the order of the table."""
    citations = {**rule_citations(rulebook), **{entry.id: entry.sources for entry in book.entries}}
    cited, listed = cited_rows(rulebook.content, citations), embodiments()
    found: dict[str, list[Trace]] = {kind: [] for kind in KINDS}
    for row in must_live(rulebook.content):
        elsewhere = listed.embodied.get(row["id"])
        found[row["kind"]].append(
            Trace(
                id=row["id"],
                title=source_title(row["document"]),
                section=row["section"],
                said=row["paraphrase"],
                cited_by=tuple(cited[row["id"]]),
                by=elsewhere.by if elsewhere else "",
                lacks=elsewhere.lacks if elsewhere else "",
                open=listed.open.get(row["id"], ""),
            )
        )
    return [(KINDS[kind], rows) for kind, rows in found.items()]
