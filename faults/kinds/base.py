"""What a fault is."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from faults.target import Target

Act = Callable[[Target, random.Random], bool]


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong. act: do it, and heal it; False when it could not be done.

    nobody_sweeps: while it lasts nobody can, whatever the watcher of the run reaches. slow: a phone may wait
    longer for its answer than it should, because whoever answers has to be started again, or hangs.
    """

    name: str
    act: Act
    nobody_sweeps: bool = False
    slow: bool = False
