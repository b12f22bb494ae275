"""What the alerts are told of a verdict."""

from alerts.services import SignInput
from recovery.triage.rulebook import load_rulebook
from recovery.triage.verdict import Verdict


def sign_inputs(verdict: Verdict) -> list[SignInput]:
    """Every sign the rules saw now, in the alerts' own terms."""
    known = load_rulebook().signs
    return [
        SignInput(
            key=s.key,
            tier=s.tier,
            worse=s.worse,
            snapshot=dict(s.snapshot),
            fresh=s.fresh,
            seen_within_hours=known[s.key].seen_within_hours,
        )
        for s in verdict.signs
    ]
