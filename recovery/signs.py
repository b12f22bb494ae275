"""What the alerts are told of a verdict."""

from alerts.services import SignInput
from recovery.triage.verdict import Verdict


def sign_inputs(verdict: Verdict) -> list[SignInput]:
    """Every sign the rules saw now, in the alerts' own terms."""
    return [
        SignInput(key=s.key, tier=s.tier, worse=s.worse, snapshot=dict(s.snapshot), fresh=s.fresh)
        for s in verdict.signs
    ]
