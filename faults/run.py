"""One fault run: start everything, load it, break it, let it drain, count what was lost."""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from faults import mutate
from faults.nemesis import Nemesis, schedule
from faults.target import Target
from tests.processes import ROOT, await_stack, left_behind, start_stack

PHONES, SILENT = 250, 20
SMS_ACCOUNT, SMS_TOKEN, SMS_FROM = "ACfaults", "a-token-for-fault-runs", "+13125550190"
DRAIN_SECONDS = 200
# What starting one of our processes takes on two quiet cores.
START_SECONDS = 1.5
SECRET = "a-key-for-fault-runs-only-a-key-for-fault-runs-only"


def main(arguments: list[str]) -> int:
    """The exit status: 0 when every invariant holds."""
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
    parser.add_argument("--logs", type=int, default=10_000)
    parser.add_argument("--faults", type=int, default=100)
    parser.add_argument("--seconds", type=float, help="how long the load lasts (default: 9 logs a second)")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--no-redis", action="store_true", help="Redis is away for the whole run")
    parser.add_argument("--only", default="", metavar="WORDS", help="only faults named so, and no fail-points")
    parser.add_argument("--quiet", action="store_true", help="no faults at all: the numbers to compare with")
    parser.add_argument("--keep", action="store_true", help="keep ledgers and data")
    parser.add_argument(
        "--mutants", nargs="?", const="", metavar="WORDS", help="seeded defects (only those named so)"
    )
    options = parser.parse_args(arguments)
    if options.smoke:
        options.logs, options.faults = 1_000, 18
    if options.quiet:
        options.faults = 0
    options.seconds = options.seconds or options.logs / 9
    return options


class _Run:
    def __init__(self, folder: Path, options: argparse.Namespace) -> None:
        self.folder, self.options = folder, options
        self.ends = ExitStack()

    def whole(self) -> int:
        """From nothing to the table."""
        began = time.monotonic()
        print(f"seed {self.options.seed}: {self.options.logs} logs, {self.options.faults} faults", flush=True)
        with self.ends:
            address = self._stack(self._sink("provider"), self._texts())
            slack = self._slack()
            self._python("faults.seed", self.folder, PHONES, SILENT, self.options.seconds * 0.9).wait()
            fleet = self._python(
                "faults.fleet", self.folder, address, self.options.logs, self.options.seconds, self.options.seed
            )
            nurses = self._python("faults.nurse", self.folder, address, self.options.seed)
            self._break()
            self._expect(fleet, 120, "not every phone got its answer")
            self._drain()
            (self.folder / "nurses.stop").touch()
            self._expect(nurses, 30, "the nurses did not go home")
            checker = self._python(
                "faults.checker", self.folder, time.monotonic() - began, slack, self.options.only
            )
            return checker.wait()

    def _python(self, module: str, *arguments: object) -> "subprocess.Popen[bytes]":
        argv = [sys.executable, "-m", module, *map(str, arguments)]
        process = subprocess.Popen(argv, cwd=ROOT, env=self._environment())
        self.ends.callback(process.kill)
        return process

    def _environment(self) -> dict[str, str]:
        state = self.folder / "data" / "state.json"
        known = json.loads(state.read_text()) if state.exists() else {}
        urls = {name: str(known[name]) for name in ("DATABASE_URL", "REDIS_URL") if name in known}
        settings = {"SECRET_KEY": SECRET, "HTTPS": "0", "DEMO": "0", "DJANGO_SETTINGS_MODULE": "config.settings"}
        # As the stack has it: message ids are made from it.
        settings["BASE_URL"] = str(known.get("address", "http://localhost"))
        return {**os.environ, **settings, **urls}

    def _slack(self) -> float:
        """How much slower than a machine of its own this one is: what a shared one cannot be blamed for.

        Measured with what a killed process costs: starting again. Full runs are judged without.
        """
        if not self.options.smoke:
            return 1.0
        began = time.monotonic()
        for _ in range(3):
            self._python("faults.drain", 0).wait()
        return max(1.0, (time.monotonic() - began) / 3 / START_SECONDS)

    def _sink(self, name: str) -> int:
        """A mail server with a ledger of this name; its port."""
        argv = [sys.executable, "-m", "faults.sink"]
        argv += [str(self.folder / f"{name}.{end}") for end in ("jsonl", "json")]
        process = subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE)
        self.ends.callback(process.kill)
        assert process.stdout
        return int(process.stdout.readline())

    def _texts(self) -> int:
        """The provider of text messages; its port."""
        argv = [sys.executable, "-m", "alerts.simulator", "--ledger", str(self.folder / "texts.jsonl")]
        argv += ["--account", SMS_ACCOUNT, "--token", SMS_TOKEN, "--number", SMS_FROM]
        argv += ["--seed", str(self.options.seed)]
        with (self.folder / "texts.log").open("ab") as log:
            process = subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, stderr=log)
        self.ends.callback(process.kill)
        assert process.stdout
        self.texts_port = int(process.stdout.readline())
        return self.texts_port

    def _stack(self, mail_port: int, texts_port: int) -> str:
        (self.folder / "failpoints").mkdir()
        more: dict[str, Any] = {"REDIS_URL": "redis://127.0.0.1:1/0"} if self.options.no_redis else {}
        process = start_stack(
            self.folder,
            SECRET_KEY=SECRET,
            EMAIL_URL=f"smtp://127.0.0.1:{mail_port}",
            SMS_API_URL=f"http://127.0.0.1:{texts_port}",
            SMS_ACCOUNT=SMS_ACCOUNT,
            SMS_TOKEN=SMS_TOKEN,
            SMS_FROM=SMS_FROM,
            STAFF_SECOND_FACTOR="0",
            PLAIN_STATIC="1",
            WATCHDOG_EMAIL="ops@people.example",
            WATCHDOG_SMTP_URL=f"smtp://127.0.0.1:{self._sink('watchdog')}",
            # One made-up log more than the checker knows of.
            CANARY="0",
            FAILPOINTS="*:once",
            FAILPOINTS_DIR=str(self.folder / "failpoints"),
            **more,
        )
        self.ends.callback(self._stop, process)
        return str(await_stack(self.folder, process)["address"])

    def _stop(self, process: "subprocess.Popen[bytes]") -> None:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        assert left_behind(self.folder) == []

    def _break(self) -> None:
        target = Target(self.folder, self.texts_port)
        if self.options.quiet:
            return
        seconds, seed = self.options.seconds, self.options.seed
        planned = schedule(
            seed, self.options.faults, seconds, broker=not self.options.no_redis, only=self.options.only
        )
        nemesis = Nemesis(target, planned, seed)
        nemesis.start()
        nemesis.join()

    def _expect(self, process: "subprocess.Popen[bytes]", seconds: float, words: str) -> None:
        try:
            if process.wait(self.options.seconds + seconds) == 0:
                return
        except subprocess.TimeoutExpired:
            pass
        raise SystemExit(f"bin/faults: {words}")

    def _drain(self) -> None:
        """Nothing is broken any more: everything that is open must come to its end by itself."""
        for order in (self.folder / "failpoints").glob("*"):
            if order.name != "hits":
                order.unlink()
        self._python("faults.drain", DRAIN_SECONDS).wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
