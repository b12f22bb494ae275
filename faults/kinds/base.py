"""The type of a fault."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from faults.target import Target

Act = Callable[[Target, random.Random], bool]


@dataclass(frozen=True)
class Fault:
    """One fault. act: causes it, and ends it; returns False when this machine cannot do it.

    nobody_sweeps: no process can sweep while it lasts, even if the watcher of the run reaches the database.
    slow: a phone may wait longer than the goal, because the process that answers hangs or has to start again.
    """

    name: str
    act: Act
    nobody_sweeps: bool = False
    slow: bool = False
