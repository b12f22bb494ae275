"""What goes wrong, and when: one seed makes one schedule."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from alerts.failpoints import POINTS
from config.supervisor import PROCESSES
from faults.machine import WIRES
from faults.target import Target

Act = Callable[[Target, random.Random], bool]
# A step that is held longer than a lease: whoever took over must not be overwritten by it.
HOLD_OVER_LEASE_SECONDS = 14
ALERTS = "alerts_alert"
# What one of our processes takes to be at work again, and a little.
SETTLE_SECONDS = 3
# Points that nobody comes by unless something went wrong before.
BAIT = {
    # A phone tries again sooner than the sweep looks: the request must hang, not die.
    "in_sweep_unjudged": ("after_log_commit", "sleep=9"),
    # Only what somebody died with can be taken back.
    "after_reap": ("after_claim", "kill"),
}
BAITS, BAIT_SECONDS = 4, 14


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong. process: somebody has to be started again or waits (its time does not count
    for the numbers of undisturbed delivery)."""

    name: str
    act: Act


def _kill(name: str, *, child: bool = False) -> Fault:
    words = f"kill -9 {name}{', a child' if child else ''}"
    return Fault(words, lambda target, rng: target.kill(name, child=child))


def _hold(name: str, least: float, most: float) -> Fault:
    return Fault(f"hold {name}", lambda target, rng: target.hold(name, rng.uniform(least, most)))


def _both_drivers(target: Target, rng: random.Random) -> bool:
    done = [target.kill(name) for name in ("worker", "watchdog")]
    return all(done)


def _provider(mode: str, least: float, most: float) -> Fault:
    return Fault(f"mail server: {mode}", lambda target, rng: target.provider(mode, rng.uniform(least, most)))


def _texts(name: str, least: float, most: float, **settings: float) -> Fault:
    return Fault(f"texts: {name}", lambda target, rng: target.texts(rng.uniform(least, most), **settings))


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

    return Fault(f"kill at {point}", act)


def _clock(words: str, names: tuple[str, ...], jump_seconds: float) -> Fault:
    return Fault(
        f"clock of {words} {jump_seconds / 3600:+.0f} h",
        lambda target, rng: target.step_clocks(names, jump_seconds, rng.uniform(6, 15)),
    )


def _network(words: str, mode: str, names: tuple[str, ...], least: float, most: float) -> Fault:
    return Fault(f"network: {words}", lambda target, rng: target.network(mode, names, rng.uniform(least, most)))


HOUR = 3600.0
DATABASE = tuple(name for name in WIRES if name.endswith("-database"))
PAGES_AND_WORKER = ("web-database", "urgent-database", "events-database", "worker-database")
BROKER_WIRES = tuple(name for name in WIRES if name.endswith("-broker"))
LOCKED = "nobody reads or writes alerts"
CLOCKS = (
    _clock("web", ("web", "urgent", "events"), HOUR),
    _clock("web", ("web", "urgent", "events"), -HOUR),
    _clock("worker", ("worker",), HOUR),
    _clock("worker", ("worker", "beat"), -HOUR),
    _clock("watchdog", ("watchdog",), HOUR),
    _clock("watchdog", ("watchdog",), -HOUR),
    _clock("beat", ("beat",), -HOUR),
    _clock("everything", tuple(PROCESSES), HOUR),
)
NETWORK = (
    _network("pages and worker without database", "drop", PAGES_AND_WORKER, 2, 5),
    _network("all without database", "drop", DATABASE, 2, 4),
    _network("watchdog without database", "drop", ("watchdog-database",), 2, 5),
    _network("pages and worker forgotten by database", "forget", PAGES_AND_WORKER, 1, 1),
    _network("all sessions reset", "reset", DATABASE, 1, 2),
    _network("slow to database", "slow", PAGES_AND_WORKER, 2, 5),
    _network("mail cut", "drop", ("mail",), 2, 5),
    _network("texts cut", "drop", ("texts",), 2, 5),
    _network("mail and texts slow", "slow", ("mail", "texts"), 3, 6),
)
BROKER_NETWORK = (
    _network("all without broker", "drop", BROKER_WIRES, 2, 5),
    _network("all forgotten by broker", "forget", BROKER_WIRES, 1, 1),
    _network("slow to broker", "slow", BROKER_WIRES, 2, 5),
)
BROKER = (
    *BROKER_NETWORK,
    _kill("valkey"),
    _hold("valkey", 2, 6),
    Fault("flush broker", lambda target, rng: target.flush_broker()),
    Fault("broker full", lambda target, rng: target.fill_broker(rng.uniform(2, 5))),
)
FAULTS = (
    _kill("worker"),
    _kill("worker", child=True),
    _kill("watchdog"),
    Fault("kill -9 both drivers", _both_drivers),
    _kill("web"),
    _kill("web", child=True),
    _kill("urgent"),
    _kill("urgent", child=True),
    _kill("beat"),
    _kill("events"),
    _kill("front"),
    _hold("worker", 3, 8),
    _hold("watchdog", 3, 8),
    _hold("web", 2, 5),
    _hold("urgent", 2, 5),
    _hold("beat", 3, 8),
    _kill("postgres"),
    Fault("restart database, immediate", lambda target, rng: target.quit("postgres")),
    Fault("kill -9 one backend", lambda target, rng: target.kill("postgres", child=True)),
    _hold("postgres", 2, 5),
    Fault("terminate all sessions", lambda target, rng: target.terminate_backends()),
    Fault("disk full", lambda target, rng: target.full_disk(rng.uniform(2, 4))),
    _provider("slow", 3, 6),
    _provider("busy", 2, 5),
    _provider("later", 2, 5),
    _provider("reset", 2, 5),
    _provider("lost", 1, 3),
    _provider("hang", 2, 4),
    _provider("trickle", 2, 4),
    _provider("refuse", 1, 2),
    _texts("500", 2, 5, error_rate=0.7),
    _texts("429", 2, 5, busy_rate=1.0),
    _texts("hang", 2, 5, hang_rate=1.0),
    _texts("slow", 2, 5, slow_rate=1.0),
    _texts("reset", 2, 5, reset_rate=0.7),
    _texts("lost answers", 2, 5, lost_answer_rate=1.0),
    _texts("receipts twice", 5, 9, duplicate_receipt_rate=1.0),
    *CLOCKS,
    *NETWORK,
    Fault(f"lock: {LOCKED}", lambda target, rng: target.lock_table(ALERTS, rng.uniform(6, 10))),
    Fault("new version, one process after the other", lambda target, rng: target.roll(PROCESSES, SETTLE_SECONDS)),
)
# After the drain of a full run: longer than a stop of all sweeps may go unnoticed.
DRILL_SECONDS = 40
DRILL = Fault(f"drill: {LOCKED} for long", lambda target, rng: target.lock_table(ALERTS, DRILL_SECONDS))
HELD = Fault(
    "hold after_claim over its lease",
    lambda target, rng: target.arm("after_claim", f"sleep={HOLD_OVER_LEASE_SECONDS}"),
)


def schedule(seed: int, faults: int, seconds: float, *, broker: bool, only: str = "") -> list[tuple[float, Fault]]:
    """(when, what): every kind before any kind twice; between them as many kills at fail-points, each met."""
    rng = random.Random(seed)
    kinds = [kind for kind in (*FAULTS, *(BROKER if broker else ()), HELD) if only in kind.name]
    chosen = _each(rng, kinds, faults)
    points = _each(rng, [failpoint_fault(point) for point in POINTS], max(faults, len(POINTS)))
    both = [*chosen, *(() if only else points)]
    rng.shuffle(both)
    step = seconds / (len(both) + 1)
    return [(step * (number + 1), fault) for number, fault in enumerate(both)]


def _each(rng: random.Random, kinds: list[Fault], number: int) -> list[Fault]:
    """So many, in any order; none once more than another one twice."""
    chosen: list[Fault] = []
    while kinds and len(chosen) < number:
        chosen += rng.sample(kinds, min(len(kinds), number - len(chosen)))
    return chosen


class Nemesis(threading.Thread):
    """Works through a schedule. What takes time runs beside what comes next."""

    def __init__(self, target: Target, planned: list[tuple[float, Fault]], seed: int) -> None:
        super().__init__()
        self._target, self._planned = target, planned
        self._rng = random.Random(seed + 1)
        self.done: list[tuple[str, bool]] = []

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
        self._target.log.write(what="begins", fault=fault.name)
        worked = fault.act(self._target, rng)
        self._target.log.write(what="ends", fault=fault.name, worked=worked)
        self.done.append((fault.name, worked))
