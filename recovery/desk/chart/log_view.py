"""One log on the chart: in one line, and opened with its rules, sources, answers and words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from recovery.desk.chart.course import reading
from recovery.desk.chart.log_answers import Answer, answered, in_words, quotes
from recovery.desk.chart.reading import WALK_WORDS, Reading
from recovery.desk.chart.verdict_differences import phone_said
from recovery.desk.desk_words import reported_late
from recovery.forms.body_picture import Picture, pictures
from recovery.models import Assessment, DailyLog
from recovery.triage.reason_words import PILLS, listed
from recovery.triage.rulebook import source_title
from recovery.wording.left_over import not_understood
from recovery.wording.log_words import NOT_JUDGED, desk_mark


@dataclass(frozen=True)
class LogView:
    """One log with its verdict in words."""

    log: DailyLog
    mark: str
    assessment: Assessment | None
    rules: list[dict[str, Any]]
    answers: list[Answer]
    unread: list[tuple[str, str]]
    quotes: list[str]
    phone_said: str
    # The log in one line: why it is urgent, else its numbers.
    facts: str
    # Empty unless it is a late log.
    late: str
    # The member of staff who took the log by phone; empty for other logs.
    taken_by: str
    # Who answered, when it was not the patient.
    by: str

    @property
    def bodies(self) -> list[Picture]:
        """Return where it is numb, weak or hurts, as pictures."""
        return pictures(self.log.answers)


def log_view(zone: ZoneInfo, away: bool, log: DailyLog) -> LogView:
    """Return one log in words. away: the patient is in the hospital now."""
    assessment = getattr(log, "assessment", None)
    rules = [
        {**fired, "titles": _titles(fired), "answered": answered(fired["id"], log.answers)}
        for fired in (assessment.fired if assessment else [])
    ]
    late = reported_late(log.happened_at, log.received_at, zone) if log.late else ""
    said = phone_said(assessment)
    taken_by = log.entered_by.get_full_name() if log.answers.get("door") == "nurse" else ""
    told = (in_words(log.answers), not_understood(log.left_over), quotes(log))
    mark = desk_mark(assessment.tier, assessment.fired, log.heard, away=away) if assessment else NOT_JUDGED
    return LogView(
        log, mark, assessment, rules, *told, said, facts_of(log, rules), late, taken_by, _by(log, taken_by)
    )


def _by(log: DailyLog, taken_by: str) -> str:
    if taken_by:
        return f"by phone, {taken_by}"
    return "by a helper" if log.answers.get("logged_by") == "caregiver" else ""


def _titles(fired: dict[str, Any]) -> list[str]:
    """Return the titles of the documents behind a rule, each once; defaults are named as such."""
    marks = [*fired.get("sources", []), *(f"default:{name}" for name in fired.get("defaults", []))]
    found: dict[str, None] = {}
    for mark in marks:
        try:
            found[source_title(mark.replace("default ", "default:", 1))] = None
        except KeyError:
            found[mark] = None
    return list(found)


def facts_of(log: DailyLog, fired: Sequence[Mapping[str, Any]]) -> str:
    """Return the reasons of the rules that fired, each once; of a calm log pain, temperature, walk and pills."""
    reasons = dict.fromkeys(str(rule["reason"]).split(". ")[0].rstrip(".") for rule in fired)
    return "; ".join(reasons) if reasons else "; ".join(_numbers(reading(log)))


def _numbers(read: Reading) -> Iterator[str]:
    if any(pain is not None for pain in read.pains):
        yield "Pain " + " / ".join("–" if pain is None else str(pain) for pain in read.pains)
    if read.temp_f is not None:
        yield f"{read.temp_f:g} °F"
    if read.walk is not None:
        yield f"walked {WALK_WORDS[read.walk]}" if read.walk else WALK_WORDS[0]
    if pills := listed(read.medicine, PILLS):
        yield pills
