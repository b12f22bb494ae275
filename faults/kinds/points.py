"""Faults at fail-points: processes die or hang between two steps of the engine (alerts.failpoints)."""

import random

from faults.kinds.base import Fault
from faults.target import Target

# A step is held for longer than its lease: it must not overwrite the process that took over.
HOLD_OVER_LEASE_SECONDS = 14
# Points that a process reaches only after an earlier fault, and that fault: (point, action).
BAIT = {
    # A phone retries before the sweep looks, so the request must hang, not die.
    "in_sweep_unjudged": ("after_log_commit", "sleep=9"),
    # Only a claim whose process died can be released.
    "after_reap": ("after_claim", "kill"),
}
BAITS, BAIT_SECONDS = 4, 14


def failpoint_fault(point: str) -> Fault:
    """A fault that kills the next process at this point, after the fault that leads one there (BAIT)."""

    def act(target: Target, rng: random.Random) -> bool:
        armed = target.arm(point, "kill")
        # Another fault may undo the bait, so it is laid again a few times.
        for _ in range(BAITS if point in BAIT else 0):
            target.arm(*BAIT[point])
            if target.met(point, BAIT_SECONDS):
                break
        return armed

    return Fault(f"kill at {point}", act, slow=True)


HELD = Fault(
    "hold after_claim over its lease",
    lambda target, rng: target.arm("after_claim", f"sleep={HOLD_OVER_LEASE_SECONDS}"),
)
