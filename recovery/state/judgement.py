"""A verdict as an assessment stores it: one way for a log and for a silence."""

import json
from typing import Any

from recovery.triage.verdict import Verdict


def stored(verdict: Verdict) -> dict[str, Any]:
    """The fields of an Assessment that are the verdict's own."""
    return {
        "fired": [_fired(fired) for fired in verdict.fired],
        "notices": [{"id": n.id, "text": n.text, "sources": list(n.sources)} for n in verdict.notices],
        "messages": [{"rule": m.rule, "text": m.text, "sources": list(m.sources)} for m in verdict.messages],
        "nurse_priority": verdict.nurse_priority or "",
        "facts": json.loads(json.dumps(dict(verdict.facts), default=_plain)),
        "rulebook": verdict.rulebook_hash,
        "problems": list(verdict.problems),
    }


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
    """Sets as sorted lists, everything else as text: facts are stored to be replayed and read."""
    return sorted(value) if isinstance(value, set | frozenset) else str(value)
