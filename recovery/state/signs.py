"""What the alerts are told of a verdict."""

from alerts.lifecycle import SignInput
from recovery.triage.rulebook import load_rulebook
from recovery.triage.tiers import CALL_911
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
            reason=s.reason,
            fresh=s.fresh,
            seen_within_hours=known[s.key].seen_within_hours,
            # Sent to the ER at once (DF-47): paged as an emergency is.
            plan_of=CALL_911 if s.er_now else "",
        )
        for s in verdict.signs
    ]
