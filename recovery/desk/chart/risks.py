"""The risk flags and plans of the record that a nurse should see first."""

from patients.models import Procedure
from patients.models.procedure import BASELINE_SYMPTOMS
from recovery.triage.reason_words import JUNCTION

LASTING_PAIN = {
    "intravertebral_cleft": "Cleft in the vertebra",
    "fascia_oedema": "Fascia oedema",
    "facet_injury": "Facet joint injury",
    "separated_cement": "Separated cement",
}
# FU-08, FU-09: trouble that continues with a cleft is examined early.
EARLY_LOOK = "look early if pain goes on, it may keep the treated bone from breaking again"


def flags(procedure: Procedure) -> list[str]:
    """Return the risk flags in words, those that matter in the first hours first."""
    found = []
    if procedure.cement_leakage:
        found.append("Cement leak: new-break and lung risk")
    if procedure.blood_thinner_held:
        on = procedure.thinner_restart_on
        found.append(f"Blood thinner on hold, {f'to start again {on:%b} {on.day}' if on else 'no restart date'}")
    if procedure.blood_thinner_continued:
        found.append("Keeps taking a blood thinner: any bleeding or nerve sign comes first")
    if procedure.allergies:
        found.append(f"Allergies: {procedure.allergies}")
    if procedure.opioid_prescribed:
        found.append("Strong pain medicine prescribed")
    lasting = [words for name, words in LASTING_PAIN.items() if getattr(procedure, name)]
    if lasting:
        why = f" ({EARLY_LOOK})" if procedure.intravertebral_cleft else ""
        found.append(f"Lasting-pain risk: {', '.join(lasting)}{why}")
    breaks = _new_break(procedure)
    if breaks:
        found.append(f"New-break risk: {', '.join(breaks)}")
    if procedure.baseline_symptoms:
        labels = dict(BASELINE_SYMPTOMS)
        known = ", ".join(labels.get(code, code) for code in procedure.baseline_symptoms)
        found.append(f"Before the procedure: {known}")
    return found


def _new_break(procedure: Procedure) -> list[str]:
    found = []
    if procedure.hu_low:
        found.append("low HU")
    if procedure.bmd_low:
        found.append("low bone density")
    if procedure.osteoporosis:
        found.append("osteoporosis")
    if set(JUNCTION) & set(procedure.levels):
        found.append("T12 or L1")
    return found
