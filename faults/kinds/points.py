"""Processes that die or hang between two steps of the engine (alerts.failpoints)."""

import random

from faults.kinds.base import Fault
from faults.target import Target

# A step that is held longer than a lease: whoever took over must not be overwritten by it.
HOLD_OVER_LEASE_SECONDS = 14
# Points that nobody comes by unless something went wrong before.
BAIT = {
    # A phone tries again sooner than the sweep looks: the request must hang, not die.
    "in_sweep_unjudged": ("after_log_commit", "sleep=9"),
    # Only what somebody died with can be taken back.
    "after_reap": ("after_claim", "kill"),
}
BAITS, BAIT_SECONDS = 4, 14


def failpoint_fault(point: str) -> Fault:
    """Whoever comes by next is killed there; where somebody has to be brought there first, that too."""

    def act(target: Target, rng: random.Random) -> bool:
        armed = target.arm(point, "kill")
        # What else goes wrong just then may take the bait: once more.
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
