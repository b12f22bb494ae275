"""What a nurse should know of a patient before anything else: risk flags and plans of the record."""

from patients.models import Procedure
from patients.models.procedure import BASELINE_SYMPTOMS

LASTING_PAIN = {
    "intravertebral_cleft": "Cleft in the vertebra",
    "fascia_oedema": "Fascia oedema",
    "facet_injury": "Facet joint injury",
    "separated_cement": "Separated cement",
}
JUNCTION = {"T12", "L1"}


def flags(procedure: Procedure) -> list[str]:
    """Risk flags in words, the ones that matter in the first hours first."""
    found = []
    if procedure.cement_leakage:
        found.append("Cement leak: new-break and lung risk")
    if procedure.blood_thinner_held:
        on = procedure.thinner_restart_on
        found.append(f"Blood thinner on hold, {f'to start again {on:%b} {on.day}' if on else 'no restart date'}")
    if procedure.opioid_prescribed:
        found.append("Strong pain medicine prescribed")
    lasting = [words for name, words in LASTING_PAIN.items() if getattr(procedure, name)]
    if lasting:
        found.append(f"Lasting-pain risk: {', '.join(lasting)}")
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
    if JUNCTION & set(procedure.levels):
        found.append("T12 or L1")
    return found
