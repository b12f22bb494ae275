"""What emergency staff need to know of a patient: the same on the printed card and on the phone."""

from dataclasses import dataclass
from datetime import date, datetime

from patients.models import Patient, Procedure
from patients.scoping import rows_of


@dataclass(frozen=True)
class EmergencyFacts:
    """The facts of the newest recovery. Empty text and None: not on file."""

    patient: Patient
    levels: str
    ended_at: datetime
    cement_leaked: bool
    allergies: str
    # "held", "continued" or "": none on file.
    thinner: str
    thinner_name: str
    thinner_restart_on: date | None
    strong_pain_pill: bool
    surgeon: str
    # Since when the clinic no longer keeps the record up to date; None while the recovery is watched.
    closed_at: datetime | None


def newest_procedure(patient: Patient) -> Procedure | None:
    """Return the newest procedure, also of a recovery that is closed: the cement stays."""
    return rows_of(Procedure, patient=patient).order_by("-ended_at", "-pk").first()


def emergency_facts(patient: Patient, procedure: Procedure | None) -> EmergencyFacts | None:
    """Return the facts of a recovery; None without one. A medicine on hold counts before one that goes on."""
    if procedure is None:
        return None
    thinner = "held" if procedure.blood_thinner_held else "continued" if procedure.blood_thinner_continued else ""
    return EmergencyFacts(
        patient=patient,
        levels=", ".join(procedure.levels),
        ended_at=procedure.ended_at,
        cement_leaked=procedure.cement_leakage,
        allergies=procedure.allergies,
        thinner=thinner,
        thinner_name=procedure.blood_thinner_name,
        thinner_restart_on=procedure.thinner_restart_on if thinner == "held" else None,
        strong_pain_pill=procedure.opioid_prescribed,
        surgeon=procedure.surgeon,
        closed_at=procedure.closed_at,
    )
