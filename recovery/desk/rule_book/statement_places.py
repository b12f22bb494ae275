"""The section of the rule book page that shows where the product uses each statement of the documents."""

from dataclasses import dataclass

from recovery.statement_places import all_citations
from recovery.triage.rulebook import source_title
from recovery.triage.shapes import Rulebook
from recovery.triage.traceability import cited_rows, embodiments, normal

KINDS = {
    "red-flag-911": "Red flags: call 911",
    "doctor-now": "Call the doctor now",
    "watch": "Watch",
    "activity-milestone": "Activity",
    "restriction": "Restrictions",
    "self-care": "Self-care",
    "medicine": "Medicines",
    "follow-up": "Follow-up",
    "long-term": "Long term",
    "pre-op": "Before the procedure",
    "caregiver": "Helpers",
    "expected-course": "Expected course",
    "risk-factor": "Risks and complications",
    "outcome-figure": "Outcome figures",
    "education": "Background",
}


@dataclass(frozen=True)
class Trace:
    """One statement: its text, what cites it, where else it is used, and what is still missing."""

    id: str
    title: str
    section: str
    said: str
    cited_by: tuple[str, ...]
    by: str
    lacks: str
    left_out: str


@dataclass(frozen=True)
class Rests:
    """One rule, milestone or card with the rows, documents and defaults it rests on."""

    id: str
    rows: tuple[str, ...]
    others: tuple[str, ...]


def traces(rulebook: Rulebook) -> list[tuple[str, list[Trace]]]:
    """Return all statements of the documents by kind, in the order of the table."""
    cited, listed = cited_rows(rulebook.content, all_citations()), embodiments()
    found: dict[str, list[Trace]] = {kind: [] for kind in KINDS}
    for row in rulebook.content["sources"]["rows"]:
        elsewhere = listed.get(row["id"])
        found[row["kind"]].append(
            Trace(
                id=row["id"],
                title=source_title(row["document"]),
                section=row["section"],
                said=row["paraphrase"],
                cited_by=tuple(cited[row["id"]]),
                by=elsewhere.by if elsewhere else "",
                lacks=elsewhere.lacks if elsewhere else "",
                left_out=elsewhere.left_out if elsewhere else "",
            )
        )
    return [(KINDS[kind], rows) for kind, rows in found.items()]


def rests(rulebook: Rulebook) -> list[Rests]:
    """Return the sources of every rule, notice, message, milestone, card and question, in page order."""
    rows = {f"{row['document']} {row['id']}": row["id"] for row in rulebook.content["sources"]["rows"]}
    found = []
    for identifier, sources in all_citations().items():
        marks = [normal(source) for source in sources]
        others = tuple(_other(mark) for mark in marks if mark not in rows)
        found.append(Rests(identifier, tuple(rows[mark] for mark in marks if mark in rows), others))
    return found


def _other(mark: str) -> str:
    return mark.removeprefix("default:") if mark.startswith("default:") else source_title(mark)
