"""The facts of a phone: only what the rules need to judge a log without the server."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from alerts.lifecycle import selectors as alert_selectors
from patients.models import Procedure
from patients.scoping import rows_of
from recovery.models import DailyLog
from recovery.state import record
from recovery.triage.facts import FEVER_LINES, GRACE, OVERRIDE_DATES
from recovery.triage.phone_module import facts_asked
from recovery.triage.readable import readable_patient
from recovery.triage.rulebook import load_rulebook

# The answers of earlier logs that rules use (recovery.triage.past); all others, and words, are not sent.
OF_A_LOG = ("pain_move", "pain_rest", "pain_site", "mood", "short_answer")
OVERRIDES = frozenset({*FEVER_LINES, GRACE, *OVERRIDE_DATES})
PLACE_AND_TIME = frozenset({"procedure_end_at", "time_zone"})
VERSION_LETTERS = 32


@dataclass(frozen=True)
class PhoneFacts:
    """The arguments of judge() except hours and log. version: a hash of all of them.

    shown: a hash that changes with anything on this person's pages, so that a phone keeps no old pages.
    """

    patient: dict[str, Any]
    history: list[dict[str, Any]]
    config: dict[str, Any]
    procedure_end_at: str
    shown: str

    @property
    def version(self) -> str:
        """Return a hash that changes when any of it changes."""
        return _hash([self.patient, self.history, self.config, self.procedure_end_at])


def _hash(whole: Any) -> str:
    text = json.dumps(whole, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:VERSION_LETTERS]


def phone_facts(procedure: Procedure, now: datetime) -> PhoneFacts:
    """Return the facts in two statements: the signs and the logs.

    The procedure must come from record.with_overrides.
    """
    signs = alert_selectors.alert_objects(procedure.patient_id, procedure.ended_at, now)
    stored = record.patient_record(procedure, [sign for sign in signs if sign["status"] == "open"])
    whole, _ = readable_patient(stored)
    patient = {name: value for name, value in whole.items() if name in _asked() | PLACE_AND_TIME}
    overrides = whole["clinic_overrides"].items()
    patient["clinic_overrides"] = {name: value for name, value in overrides if name in OVERRIDES}
    patient["alerts"] = whole["alerts"]
    logs = _logs(procedure)
    return PhoneFacts(
        patient=patient,
        history=[_past(entry) for entry in record.as_history(procedure, logs)],
        config=record.config(procedure, now),
        procedure_end_at=procedure.ended_at.isoformat(),
        shown=_hash([_row(procedure), signs, [log.pk for log in logs]]),
    )


def _row(procedure: Procedure) -> list[dict[str, Any]]:
    """Return all loaded values of the procedure, its settings, its patient and the clinic."""
    rows = (procedure, procedure.patient, procedure.patient.clinic)
    return [{name: value for name, value in vars(row).items() if not name.startswith("_")} for row in rows]


def _logs(procedure: Procedure) -> list[DailyLog]:
    return record.history(procedure, rows_of(DailyLog, procedure=procedure))


def _past(entry: dict[str, Any]) -> dict[str, Any]:
    log = entry["log"]
    return {"hours": entry["hours"], "log": {name: log[name] for name in OF_A_LOG if name in log}}


@cache
def _asked() -> frozenset[str]:
    return facts_asked(load_rulebook())
