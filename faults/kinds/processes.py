"""Faults of our own processes: they die, hang, are replaced, or run twice."""

import random

from faults.kinds.base import Fault
from faults.target import Target
from ops.supervisor import PROCESSES

# A little more than a process takes until it works again.
SETTLE_SECONDS = 3


def _kill(name: str, *, child: bool = False) -> Fault:
    words = f"kill -9 {name}{', a child' if child else ''}"
    return Fault(words, lambda target, rng: target.kill(name, child=child), slow=True)


def _hold(name: str, least: float, most: float, *, slow: bool = False) -> Fault:
    return Fault(f"hold {name}", lambda target, rng: target.hold(name, rng.uniform(least, most)), slow=slow)


def _both_drivers(target: Target, rng: random.Random) -> bool:
    done = [target.kill(name) for name in ("worker", "watchdog")]
    return all(done)


def _twice(name: str) -> Fault:
    return Fault(f"a second {name}", lambda target, rng: target.double(name, rng.uniform(12, 16)))


FAULTS = (
    _kill("worker"),
    _kill("worker", child=True),
    _kill("watchdog"),
    Fault("kill -9 both drivers", _both_drivers, slow=True),
    _kill("web"),
    _kill("web", child=True),
    _kill("urgent"),
    _kill("urgent", child=True),
    _kill("beat"),
    _kill("events"),
    _kill("front"),
    _hold("worker", 3, 8),
    _hold("watchdog", 3, 8),
    _hold("web", 2, 5, slow=True),
    _hold("urgent", 2, 5),
    _hold("beat", 3, 8),
)
ROLLED = Fault(
    "new version, one process after the other",
    lambda target, rng: target.roll(PROCESSES, SETTLE_SECONDS),
    slow=True,
)
LONGER = (_twice("beat"), _twice("watchdog"))
ALONE = (
    Fault(
        "next version, with a migration",
        lambda target, rng: target.next_version(PROCESSES, SETTLE_SECONDS),
        slow=True,
    ),
    Fault(
        "kill -9 the supervisor, which is started again at once",
        lambda target, rng: target.kill_supervisor(0.0),
        nobody_sweeps=True,
        slow=True,
    ),
    Fault(
        "kill -9 the supervisor, which is started again later",
        lambda target, rng: target.kill_supervisor(rng.uniform(5, 15)),
        nobody_sweeps=True,
        slow=True,
    ),
)
