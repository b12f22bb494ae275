"""Convert a verdict into the fields of an assessment and the signs of an alert, for logs and for silence."""

import json
from dataclasses import dataclass
from typing import Any

from alerts.lifecycle import SignInput
from patients.tiers import CALL_911
from recovery.state.current_state import Standing
from recovery.triage.rulebook import load_rulebook
from recovery.triage.verdict import Verdict


@dataclass(frozen=True)
class Judged:
    """A log's verdict and the state of its patient, whose row is locked.

    newest: no known log happened later.
    """

    verdict: Verdict
    beside: Standing
    newest: bool


def stored(verdict: Verdict) -> dict[str, Any]:
    """Return the fields of an Assessment that come from the verdict."""
    return {
        "fired": [_fired(fired) for fired in verdict.fired],
        "notices": [{"id": n.id, "text": n.text, "sources": list(n.sources)} for n in verdict.notices],
        "messages": [{"rule": m.rule, "text": m.text, "sources": list(m.sources)} for m in verdict.messages],
        "nurse_priority": verdict.nurse_priority or "",
        "facts": json.loads(json.dumps(dict(verdict.facts), default=_plain)),
        "rulebook": verdict.rulebook_hash,
        "problems": list(verdict.problems),
    }


def sign_inputs(verdict: Verdict) -> list[SignInput]:
    """Return every sign of the verdict in the form that alerts take."""
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
            # Sent to the ER at once (DF-47): the alert uses the escalation plan of call_911.
            plan_of=CALL_911 if s.er_now else "",
        )
        for s in verdict.signs
    ]


def _fired(fired: Any) -> dict[str, Any]:
    return {
        "id": fired.id,
        "tier": fired.tier,
        "reason": fired.reason,
        "message": fired.message,
        "sources": list(fired.sources),
        "defaults": list(fired.defaults),
        "er_now": fired.er_now,
    }


def _plain(value: Any) -> Any:
    """Return a set as a sorted list and any other value as text, for facts that JSON cannot hold."""
    return sorted(value) if isinstance(value, set | frozenset) else str(value)
