"""Faults of the network: wires are cut, slow, or lose connections (faults.wire)."""

from faults.kinds.base import Fault
from faults.machine import WIRES

DATABASE = tuple(name for name in WIRES if name.endswith("-database"))
PAGES_AND_WORKER = ("web-database", "urgent-database", "events-database", "worker-database")
BROKER_WIRES = tuple(name for name in WIRES if name.endswith("-broker"))


def _network(
    words: str, mode: str, names: tuple[str, ...], least: float, most: float, *, nobody_sweeps: bool = False
) -> Fault:
    return Fault(
        f"network: {words}",
        lambda target, rng: target.network(mode, names, rng.uniform(least, most)),
        nobody_sweeps=nobody_sweeps,
    )


FAULTS = (
    _network("pages and worker without database", "drop", PAGES_AND_WORKER, 2, 5),
    _network("all without database", "drop", DATABASE, 2, 4, nobody_sweeps=True),
    _network("watchdog without database", "drop", ("watchdog-database",), 2, 5),
    _network("pages and worker forgotten by database", "forget", PAGES_AND_WORKER, 1, 1),
    _network("all sessions reset", "reset", DATABASE, 1, 2, nobody_sweeps=True),
    _network("slow to database", "slow", PAGES_AND_WORKER, 2, 5),
    _network("mail cut", "drop", ("mail",), 2, 5),
    _network("texts cut", "drop", ("texts",), 2, 5),
    _network("mail and texts slow", "slow", ("mail", "texts"), 3, 6),
)
BROKER = (
    _network("all without broker", "drop", BROKER_WIRES, 2, 5),
    _network("all forgotten by broker", "forget", BROKER_WIRES, 1, 1),
    _network("slow to broker", "slow", BROKER_WIRES, 2, 5),
)
