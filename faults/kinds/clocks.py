"""Faults of clocks: the time of day of some processes jumps by an hour."""

from faults.kinds.base import Fault
from ops.supervisor import PROCESSES

HOUR = 3600.0


def _clock(words: str, names: tuple[str, ...], jump_seconds: float) -> Fault:
    return Fault(
        f"clock of {words} {jump_seconds / 3600:+.0f} h",
        lambda target, rng: target.step_clocks(names, jump_seconds, rng.uniform(6, 15)),
    )


FAULTS = (
    _clock("web", ("web", "urgent", "events"), HOUR),
    _clock("web", ("web", "urgent", "events"), -HOUR),
    _clock("worker", ("worker",), HOUR),
    _clock("worker", ("worker", "beat"), -HOUR),
    _clock("watchdog", ("watchdog",), HOUR),
    _clock("watchdog", ("watchdog",), -HOUR),
    _clock("beat", ("beat",), -HOUR),
    _clock("everything", tuple(PROCESSES), HOUR),
)
