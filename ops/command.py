"""Runs one management command in the environment of the product: `bin/manage` calls this inside .venv."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from ops.child import Failure
from ops.copies import put_back
from ops.datadir import DataDir
from ops.embedded import for_a_shell, running
from ops.roles import as_role
from ops.up import ROOT, refuse_wrong_settings, settings_for, which_kind
from patients.wall.roles import BACKUP, OWNER, READ, ROLES, SWEEPS

# These only read files: they need neither a database nor a broker, and work before the first start.
NO_ENGINES = {"triage", "milestones", "check_rules", "check", "diffsettings", "help", "version"}
NO_ENGINES |= {"make_vapid_key", "collectstatic", "findstatic", "makemessages", "compilemessages", "startapp"}

WAIT_SECONDS = 120
# The role of a command in our own database: the owner, unless it needs less. dbshell signs in as the
# administrator, because operators restore copies with it.
LESS = {"replay_rules": READ, "verify_records": SWEEPS, "watchdog": SWEEPS, "backup": BACKUP}
ADMINISTRATION = {"dbshell"}
# Programs of ours that are not Django commands, because they must also run when Django cannot start.
PROGRAMS = {"backup": "ops.copies.make"}


def main(arguments: list[str]) -> int:
    """Run `manage.py` with these arguments; returns its exit status. Writes nothing to standard output itself."""
    place, arguments = _data_directory(arguments)
    command = arguments[0] if arguments else "help"
    data = DataDir(place)
    try:
        if command not in NO_ENGINES or command == "check":
            refuse_wrong_settings()
        if command == "restore":
            return _restore(arguments[1:], data)
        if command in NO_ENGINES or command.startswith("-") or {"--help", "--new-key"} & set(arguments):
            return _manage(arguments, _environment(data, keep=False))
        return _with_engines(arguments, data)
    except (Failure, OSError) as failure:
        sys.stderr.write(f"bin/manage: {failure}\n")
        return 1


def _restore(arguments: list[str], data: DataDir) -> int:
    """Put a copy back while nothing runs; then run `restored`, which begins a new epoch and says so."""
    status = put_back.main(arguments, data)
    if status or "--try" in arguments or os.environ.get("DATABASE_URL"):
        return status
    return _with_engines(["restored"], data)


def _data_directory(arguments: list[str]) -> tuple[Path, list[str]]:
    chosen = os.environ.get("DATA_DIR") or str(ROOT / ".data")
    if arguments[:1] == ["--data"] and len(arguments) > 1:
        chosen, arguments = arguments[1], arguments[2:]
    return Path(os.path.abspath(chosen)), arguments


def _environment(data: DataDir, *, keep: bool) -> dict[str, str]:
    """Return the environment as bin/up makes it, for the kind of installation that the data directory has."""
    state = data.state()
    usual = "0" if os.environ.get("DATABASE_URL") or state.get("demo") is False else "1"
    demo = os.environ.get("DEMO", usual).lower() in ("1", "true", "yes", "on")
    if data.kind():
        demo = which_kind(data)
    if keep:
        data.create()
    elif not data.path.exists():
        # Nothing was ever started here, and a command that only reads must not create files.
        return dict(os.environ) | {"DEMO": "1" if demo or not os.environ.get("SECRET_KEY") else "0"}
    return settings_for(data, demo=demo, base_url=str(state.get("address", "http://localhost:8000")))


def _with_engines(arguments: list[str], data: DataDir) -> int:
    environment = _environment(data, keep=True)
    if environment.get("DATABASE_URL") and environment.get("REDIS_URL"):
        return _manage(arguments, environment)
    lock = data.hold()
    if lock is None:
        return _as_guest(arguments, data, environment)
    demo = environment["DEMO"] == "1"
    with lock:
        data.write_state(demo=demo)
        with running(data, environment) as addresses:
            data.write_state(demo=demo, **addresses)
            try:
                return _manage(arguments, _signed_in(arguments[0], data, environment, addresses))
            finally:
                data.write_state(demo=demo)
                data.wait_for_guests()


def _as_guest(arguments: list[str], data: DataDir, environment: dict[str, str]) -> int:
    """Use the engines that bin/up, or another command, is running with the same data."""
    deadline = time.monotonic() + WAIT_SECONDS
    with data.be_guest():
        while not (state := data.state()).get("DATABASE_URL"):
            if time.monotonic() > deadline:
                raise Failure(f"whoever is using {data.path} has not started within {WAIT_SECONDS} s")
            time.sleep(0.1)
        addresses = {name: str(state[name]) for name in ("DATABASE_URL", "REDIS_URL")}
        return _manage(arguments, _signed_in(arguments[0], data, environment, addresses))


def _signed_in(
    command: str, data: DataDir, environment: dict[str, str], addresses: dict[str, str]
) -> dict[str, str]:
    """Return a command's environment; in our own database it gets the role that can do just what it needs."""
    if environment.get("DATABASE_URL"):
        return addresses | environment
    if command in ADMINISTRATION:
        return addresses | environment | for_a_shell(addresses["DATABASE_URL"], environment)
    role = LESS.get(command, OWNER)
    password = data.database_passwords(role.name for role in ROLES)[role.name]
    return addresses | environment | {"DATABASE_URL": as_role(addresses["DATABASE_URL"], role, password)}


def _manage(arguments: list[str], environment: dict[str, str]) -> int:
    """Run the command. It handles Ctrl-C itself; we ignore it, so that we can stop what we started."""
    signal.signal(signal.SIGINT, lambda number, frame: None)
    command, *rest = arguments or ["help"]
    ours = ["-m", PROGRAMS[command]] if command in PROGRAMS else [str(ROOT / "manage.py"), command]
    argv = [sys.executable, *ours, *rest]
    # The operator may start it from any folder.
    environment = environment | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(argv, env=environment)  # noqa: S603 - the user's own command
    signal.signal(signal.SIGTERM, lambda number, frame: process.terminate())
    status = process.wait()
    return status if status >= 0 else 128 - status
