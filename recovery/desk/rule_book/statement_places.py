"""The section of the rule book page that says where each statement of the documents lives."""

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
    """One statement: what it says, what cites it, where else it lives, and what it still lacks."""

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
    """The other way around: one rule, milestone or card, and the rows, documents and defaults it rests on."""

    id: str
    rows: tuple[str, ...]
    others: tuple[str, ...]


def traces(rulebook: Rulebook) -> list[tuple[str, list[Trace]]]:
    """All statements of the documents, kind by kind, in the order of the table."""
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
    """What every rule, notice, message, milestone, card and question rests on, in the order of the page."""
    rows = {f"{row['document']} {row['id']}": row["id"] for row in rulebook.content["sources"]["rows"]}
    found = []
    for identifier, sources in all_citations().items():
        marks = [normal(source) for source in sources]
        others = tuple(_other(mark) for mark in marks if mark not in rows)
        found.append(Rests(identifier, tuple(rows[mark] for mark in marks if mark in rows), others))
    return found


def _other(mark: str) -> str:
    return mark.removeprefix("default:") if mark.startswith("default:") else source_title(mark)
