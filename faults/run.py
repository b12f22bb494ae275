"""One fault run: start everything, load it, break it, let it drain, count what was lost."""

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from faults import mutate
from faults.kinds import DRILL, kinds
from faults.nemesis import Nemesis, schedule
from faults.target import Target
from faults.world import World

PHONES, SILENT = 250, 20
LOGS_A_SECOND = 9
SMOKE_LOGS, SMOKE_FAULTS, SMOKE_SECONDS = 1_000, 18, 140
LOGS, FAULTS = 10_000, 100
# --only: one fault twice within half a minute; several faults once each, so many seconds apart.
ONLY_LEAST_SECONDS, ONLY_EACH_SECONDS, ONLY_LOGS_A_SECOND = 30.0, 12.0, 4
DRAIN_SECONDS = 200
# --only with this word is not a fault among others, but a run of its own.
OVERLOAD, OVERLOAD_SECONDS = "overload", 60.0
# The seconds of an overload run beside its load: to measure the capacity before, and to wait after.
BEFORE_AND_AFTER_SECONDS = 90.0
# The seconds that one of our processes takes to start on two quiet cores.
START_SECONDS = 1.5


def main(arguments: list[str]) -> int:
    """Do one run; returns the exit status: 0 when every invariant holds."""
    options = _options(arguments)
    if options.mutants is not None:
        return mutate.main(options.mutants)
    folder = Path(tempfile.mkdtemp(prefix="kypho-faults-"))
    folder.chmod(0o711)
    try:
        status = _Run(folder, options).whole()
    except BaseException:
        sys.stderr.write(f"bin/faults: everything is left in {folder}\n")
        raise
    if status == 0 and not options.keep:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        sys.stderr.write(f"bin/faults: everything is left in {folder}\n")
    return status


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/faults", description="Break real parts, count what was lost.")
    parser.add_argument("--smoke", action="store_true", help="1,000 logs, 18 faults, every fail-point: minutes")
    parser.add_argument("--logs", type=int, help=f"how many (default {LOGS:,})")
    parser.add_argument("--faults", type=int, help=f"how many (default {FAULTS})")
    parser.add_argument("--seconds", type=float, help="how long the load lasts (default: 9 logs a second)")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--no-redis", action="store_true", help="Redis is away for the whole run")
    parser.add_argument(
        "--only",
        default="",
        metavar="WORDS",
        help="only faults named so, each once or twice, and no fail-points: about a minute for one of a kind;"
        " overload: far too many phones",
    )
    parser.add_argument("--quiet", action="store_true", help="no faults at all: the numbers to compare with")
    parser.add_argument("--keep", action="store_true", help="keep ledgers and data")
    parser.add_argument(
        "--mutants", nargs="?", const="", metavar="WORDS", help="seeded defects (only those named so)"
    )
    options = parser.parse_args(arguments)
    if options.smoke:
        options.logs, options.faults = SMOKE_LOGS, SMOKE_FAULTS
        options.seconds = options.seconds or SMOKE_SECONDS
    if options.only == OVERLOAD:
        options.seconds = options.seconds or OVERLOAD_SECONDS
    elif options.only:
        _only(options, parser)
    options.logs = options.logs or LOGS
    options.faults = 0 if options.quiet else options.faults or FAULTS
    options.seconds = options.seconds or options.logs / LOGS_A_SECOND
    return options


def _only(options: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """Set faults, seconds and logs so that each fault of that name has its turn."""
    found = kinds(broker=not options.no_redis, longer=True, only=options.only)
    if not found:
        parser.error(f"no fault has {options.only!r} in its name")
    options.faults = options.faults or max(2, len(found))
    if not options.logs:
        options.seconds = options.seconds or max(ONLY_LEAST_SECONDS, ONLY_EACH_SECONDS * options.faults)
        options.logs = round(options.seconds * ONLY_LOGS_A_SECOND)


class _Run:
    def __init__(self, folder: Path, options: argparse.Namespace) -> None:
        self.folder, self.options = folder, options
        self.ends = ExitStack()
        self.began = time.monotonic()
        self.slack = 1.0
        self.phases: list[tuple[str, float]] = []

    def whole(self) -> int:
        """Do the whole run and print the table; returns the exit status."""
        options = self.options
        print(f"seed {options.seed}: {options.logs} logs, {options.faults} faults", flush=True)
        with self.ends:
            self.world = World(self.folder, options.seed, self.ends)
            address = self.world.start(redis=not options.no_redis)
            self._over("start")
            watcher = self.world.python("faults.watcher", self.folder, address)
            self.world.python(
                "faults.seed", self.folder, PHONES, SILENT, options.seconds * 0.9, self._hooks()
            ).wait()
            self.world.await_sweep()
            self._over("seed")
            self.slack = self._slack()
            self._over("measure")
            if options.only == OVERLOAD:
                self._overload(address)
            else:
                self._load(address)
            if not (options.smoke or options.quiet or options.only):
                self._drill()
            for process, name in ((self.nurses, "nurses"), (watcher, "watcher")):
                (self.folder / f"{name}.stop").touch()
                self._expect(process, 30, f"the {name} did not go home")
            self._over("stop")
            status = self._check()
            self._over("check")
        print(f"     seconds: {', '.join(f'{name} {seconds:.0f}' for name, seconds in self.phases)}")
        return status

    def _hooks(self) -> int:
        """The port of the clinics' own systems; 0 in runs without them (smoke, quiet and overload)."""
        options = self.options
        without = options.smoke or options.quiet or options.only == OVERLOAD
        return 0 if without else self.world.wires["hooks"]

    def _over(self, name: str) -> None:
        """Record how long the phase took that has just ended."""
        done = sum(seconds for _, seconds in self.phases)
        self.phases.append((name, time.monotonic() - self.began - done))

    def _load(self, address: str) -> None:
        """Run phones, nurses and faults; then wait until all that is open has ended by itself."""
        options, python = self.options, self.world.python
        fleet = python("faults.fleet", self.folder, address, options.logs, options.seconds, options.seed)
        self.nurses = python("faults.nurse", self.folder, address, options.seed, options.seconds)
        if not options.quiet:
            self._break()
        # A busy machine takes longer; an answer that is lost never comes, however long this waits.
        self._expect(fleet, 120 * self.slack, "not every phone got its answer")
        self._over("load")
        for order in (self.folder / "failpoints").glob("*"):
            if order.name != "hits":
                order.unlink()
        python("faults.drain", DRAIN_SECONDS).wait()
        self._over("drain")

    def _overload(self, address: str) -> None:
        """Run far more phones than can be answered, and nurses who answer what gets through."""
        options, python = self.options, self.world.python
        whole = options.seconds + BEFORE_AND_AFTER_SECONDS
        self.nurses = python("faults.nurse", self.folder, address, options.seed, whole)
        phones = python("faults.overload", self.folder, address, options.seed, options.seconds)
        self._expect(phones, whole, "it never ended")
        self._over("load")
        python("faults.drain", DRAIN_SECONDS).wait()
        self._over("drain")

    def _slack(self) -> float:
        """How many times slower this machine is than one that does nothing else; at least 1.

        It measures how long a process takes to start, as every killed process must. Full runs get no slack (1.0).
        """
        if not (self.options.smoke or self.options.only):
            return 1.0
        began = time.monotonic()
        self.world.python("faults.drain", 0).wait()
        return max(1.0, (time.monotonic() - began) / START_SECONDS)

    def _target(self) -> Target:
        return Target(self.folder, self.world.ports, self.world.wires["control"], self.world.start_again)

    def _break(self) -> None:
        options = self.options
        known = {"broker": not options.no_redis, "longer": not options.smoke, "only": options.only}
        planned = schedule(options.seed, options.faults, options.seconds, **known)
        nemesis = Nemesis(self._target(), planned, options.seed)
        nemesis.start()
        nemesis.join()
        if nemesis.failed:
            raise SystemExit(f"bin/faults: could not be healed: {'; '.join(nemesis.failed)}")

    def _drill(self) -> None:
        """Stop all sweeps for longer than the alarm may stay silent."""
        nemesis = Nemesis(self._target(), [(0.0, DRILL)], self.options.seed)
        nemesis.start()
        nemesis.join()
        self.world.await_sweep()
        self._over("drill")

    def _expect(self, process: "subprocess.Popen[bytes]", seconds: float, words: str) -> None:
        try:
            if process.wait(self.options.seconds + seconds) == 0:
                return
        except subprocess.TimeoutExpired:
            pass
        raise SystemExit(f"bin/faults: {words}")

    def _check(self) -> int:
        options = self.options
        known = {"seconds": time.monotonic() - self.began, "slack": self.slack, "only": options.only}
        known |= {"quiet": options.quiet, "redis": not options.no_redis}
        (self.folder / "run.json").write_text(json.dumps(known))
        return self.world.python("faults.checker", self.folder).wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
