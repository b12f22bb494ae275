"""All faults of a run, by their target."""

from alerts.failpoints import POINTS
from faults.kinds import broker, clocks, database, network, processes, providers
from faults.kinds.base import Act, Fault
from faults.kinds.points import HELD, failpoint_fault

# Faults of every run, also of the short ones in CI.
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
# Long faults, or many of the same kind: only in full runs, and in runs that ask for them by name.
LONGER = (*database.LONGER, *providers.LONGER, *processes.LONGER)
LONGER_BROKER = broker.LONGER
# The fault after the drain of a full run.
DRILL = database.DRILL
# Faults only for runs that ask for them by name, because no other fault can run beside them.
ALONE = processes.ALONE
POINT_FAULTS = tuple(failpoint_fault(point) for point in POINTS)


def kinds(*, broker: bool, longer: bool, only: str = "") -> list[Fault]:
    """The faults from which a run chooses. only: words of a name; it then searches all faults."""
    longer |= bool(only)
    found = [*FAULTS, *(BROKER if broker else ()), HELD]
    found += [*(LONGER if longer else ()), *(LONGER_BROKER if longer and broker else ())]
    found += ALONE if only else ()
    return [kind for kind in found if only in kind.name]


__all__ = ["BROKER", "DRILL", "FAULTS", "POINT_FAULTS", "Act", "Fault", "failpoint_fault", "kinds"]
