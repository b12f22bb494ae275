"""What the benchmarks share: alternate the targets, take the best and the middle round, say ratios first."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Mapping
from statistics import median

ROUNDS = 9


def alternate(targets: Mapping[str, Callable[[], object]], rounds: int = ROUNDS) -> dict[str, list[float]]:
    """CPU seconds of each target per round, one after the other in every round: the machine's drift hits all."""
    taken: dict[str, list[float]] = {name: [] for name in targets}
    for _ in range(rounds):
        for name, run in targets.items():
            start = time.process_time()
            run()
            taken[name].append(time.process_time() - start)
    return taken


def ratio(ours: list[float], other: list[float]) -> float:
    """The middle of the rounds' own ratios: each round compares what ran side by side."""
    return median(a / b for a, b in zip(ours, other, strict=True))


def machine() -> str:
    """What the numbers were measured on, without a name."""
    load = os.getloadavg()[0]
    return f"Python {platform.python_version()}, {os.cpu_count()} cores, load {load:.1f} at the start"
