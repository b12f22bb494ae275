"""Causes the faults of a run by a schedule; one seed makes one schedule."""

import random
import threading
import time

from faults.kinds import DRILL, POINT_FAULTS, Fault, kinds
from faults.target import Target

__all__ = ["DRILL", "Nemesis", "schedule"]


def schedule(
    seed: int, faults: int, seconds: float, *, broker: bool, longer: bool = False, only: str = ""
) -> list[tuple[float, Fault]]:
    """(seconds from the start, fault) for a run: each kind once before any kind twice, mixed with kills.

    There are as many kills at fail-points as faults, and at least one for each point; none with `only`.
    longer: also the faults that a short run leaves out.
    """
    rng = random.Random(seed)
    chosen = _each(rng, kinds(broker=broker, longer=longer, only=only), faults)
    points = _each(rng, list(POINT_FAULTS), max(faults, len(POINT_FAULTS)))
    both = [*chosen, *(() if only else points)]
    rng.shuffle(both)
    step = seconds / (len(both) + 1)
    return [(step * (number + 1), fault) for number, fault in enumerate(both)]


def _each(rng: random.Random, known: list[Fault], number: int) -> list[Fault]:
    """So many of the known faults in random order, each as often as any other or once more."""
    chosen: list[Fault] = []
    while known and len(chosen) < number:
        chosen += rng.sample(known, min(len(known), number - len(chosen)))
    return chosen


class Nemesis(threading.Thread):
    """Works through a schedule. Each fault has a thread, so a long one does not delay the next."""

    def __init__(self, target: Target, planned: list[tuple[float, Fault]], seed: int) -> None:
        super().__init__()
        self._target, self._planned = target, planned
        self._rng = random.Random(seed + 1)
        # Faults that raised an error, in words: the run is over then.
        self.failed: list[str] = []

    def run(self) -> None:
        start, running = time.monotonic(), []
        for at, fault in self._planned:
            time.sleep(max(0.0, start + at - time.monotonic()))
            rng = random.Random(self._rng.random())
            running.append(threading.Thread(target=self._act, args=(fault, rng)))
            running[-1].start()
        for thread in running:
            thread.join()

    def _act(self, fault: Fault, rng: random.Random) -> None:
        self._target.log.write(what="begins", fault=fault.name, nobody_sweeps=fault.nobody_sweeps, slow=fault.slow)
        try:
            worked = fault.act(self._target, rng)
        except Exception as error:
            self.failed.append(f"{fault.name}: {error!r}")
            raise
        self._target.log.write(what="ends", fault=fault.name, worked=worked)
