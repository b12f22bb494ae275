"""Everything that can go wrong in a run, by what it happens to."""

from alerts.failpoints import POINTS
from faults.kinds import broker, clocks, database, network, processes, providers
from faults.kinds.base import Act, Fault
from faults.kinds.points import HELD, failpoint_fault

# What every run may meet, the short ones of CI too.
FAULTS = (
    *processes.FAULTS,
    *database.FAULTS,
    *providers.FAULTS,
    *clocks.FAULTS,
    *network.FAULTS,
    database.LOCKED,
    processes.ROLLED,
)
BROKER = (*network.BROKER, *broker.FAULTS)
# Long, or of much that is alike: full runs, and runs that ask for them by name.
LONGER = (*database.LONGER, *providers.LONGER, *processes.LONGER)
LONGER_BROKER = broker.LONGER
# After the drain of a full run.
DRILL = database.DRILL
# A run of its own each, by its whole name: what it needs cannot go on beside anything else.
ALONE = processes.ALONE
POINT_FAULTS = tuple(failpoint_fault(point) for point in POINTS)


def kinds(*, broker: bool, longer: bool, only: str = "") -> list[Fault]:
    """Those a run chooses from. only: words of a name; these are looked for among all of them."""
    longer |= bool(only)
    found = [*FAULTS, *(BROKER if broker else ()), HELD]
    found += [*(LONGER if longer else ()), *(LONGER_BROKER if longer and broker else ())]
    found += ALONE if only else ()
    return [kind for kind in found if only in kind.name]


__all__ = ["BROKER", "DRILL", "FAULTS", "POINT_FAULTS", "Act", "Fault", "failpoint_fault", "kinds"]
