"""bin/up with each process as if on a machine of its own: with its own wires (network) and its own clock.

`start_stack(..., main="faults.machine")`. FAULTS_FOLDER is the folder of wires and clocks, FAULTS_WIRES has the
port of each wire. Only addresses and clocks differ; programs and supervisor are the product's own.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from faults.clocks import Clocks
from ops import up
from ops.datadir import DataDir
from ops.embedded import DATABASE, Engine, engines
from ops.roles import address_of
from ops.supervisor import PROCESSES
from patients.wall.roles import ROLES

DATABASE_PORT = 5432
# Beat reads no row; the front process connects to neither database nor broker.
TO_DATABASE = ("web", "urgent", "events", "worker", "watchdog")
TO_BROKER = ("web", "urgent", "events", "worker", "beat", "watchdog")
# The link to the source with which a process starts.
VERSION = "version"
WIRES = (
    *(f"{name}-database" for name in TO_DATABASE),
    *(f"{name}-broker" for name in TO_BROKER),
    "mail",
    "texts",
    "hooks",
)


def main(arguments: list[str]) -> int:
    """Run ops.up.main with wires and clocks; returns its exit status."""
    up.engines = _wired  # type: ignore[assignment]
    return up.main(arguments)


def _wired(data: DataDir, environment: Mapping[str, str]) -> tuple[list[Engine], dict[str, str]]:
    """Start the engines as bin/up does, and give each process addresses that lead through its own wires.

    Other programs get the addresses of the engines themselves.
    """
    missing, addresses = engines(data, environment)
    folder, ports = Path(os.environ["FAULTS_FOLDER"]), json.loads(os.environ["FAULTS_WIRES"])
    clocks = Clocks(folder, tuple(PROCESSES))
    passwords = data.database_passwords(role.name for role in ROLES)
    _lead(folder, addresses)
    if not (folder / VERSION).exists():
        (folder / VERSION).symlink_to(up.ROOT)
    for name, argv in PROCESSES.items():
        own = clocks.environment(name)
        if f"{name}-database" in ports:
            port = ports[f"{name}-database"]
            straight = f"postgresql://127.0.0.1:{port}/{DATABASE}?sslmode=disable"
            own["DATABASE_URL"] = address_of(name, straight, passwords)
        if f"{name}-broker" in ports:
            broker = urlsplit(addresses["REDIS_URL"])
            place = f":{broker.password}@127.0.0.1:{ports[f'{name}-broker']}"
            own["REDIS_URL"] = broker._replace(netloc=place).geturl()
        version = f"--chdir={folder / VERSION}"
        PROCESSES[name] = ("env", version, *(f"{key}={value}" for key, value in own.items()), *argv)
    return missing, addresses


def _lead(folder: Path, addresses: Mapping[str, str]) -> None:
    """Write down where the wires of database and broker end; those of mail and texts are in the file already."""
    place = folder / "wires.json"
    known = json.loads(place.read_text())
    socket = Path(parse_qs(urlsplit(addresses["DATABASE_URL"]).query)["host"][0]) / f".s.PGSQL.{DATABASE_PORT}"
    known |= {f"{name}-database": str(socket) for name in TO_DATABASE}
    known |= {f"{name}-broker": urlsplit(addresses["REDIS_URL"]).port for name in TO_BROKER}
    fresh = place.with_suffix(".new")
    fresh.write_text(json.dumps(known))
    fresh.replace(place)
