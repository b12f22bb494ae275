"""Starts all processes of a run: the product, and the processes that are never attacked."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from faults import machine
from faults.ledger import Reader
from tests.processes import ROOT, await_stack, left_behind, start_stack

SMS_ACCOUNT, SMS_TOKEN, SMS_FROM = "ACfaults", "a-token-for-fault-runs", "+13125550190"
SECRET = "a-key-for-fault-runs-only-a-key-for-fault-runs-only"
DATA_KEYS = "a-key-for-fault-runs-only-a-key-for-faults0"
SETTINGS = "faults.settings"
NO_BROKER = "redis://127.0.0.1:1/0"
UP_SECONDS, AWAKE_SECONDS = 60, 4


class World:
    """All processes of one run; they end when `ends` is closed."""

    def __init__(self, folder: Path, seed: int, ends: ExitStack) -> None:
        self._folder, self._seed, self._ends = folder, seed, ends
        self._watched = Reader(folder / "watcher.jsonl")
        # The ports of the provider of texts and of the clinics' own systems, also for orders how to behave.
        self.ports = {name: self._simulator(name) for name in ("texts", "hooks")}
        self.wires: dict[str, int] = {}

    def start(self, *, redis: bool) -> str:
        """Start the product; returns its address once each of its processes has done its first work."""
        mail = self._sink("provider")
        (self._folder / "wires.json").write_text(json.dumps({"mail": mail, **self.ports}))
        self.wires = self._wires()
        (self._folder / "failpoints").mkdir()
        self._settings = self._told(self._sink("watchdog"), redis=redis)
        return self.start_again(port=0)

    def start_again(self, port: int) -> str:
        """Start the product at this port (0: a free one), as after a reboot; returns its address."""
        process = start_stack(self._folder, main="faults.machine", port=port, demo=False, **self._settings)
        self._ends.callback(self._stop, process)
        return str(await_stack(self._folder, process)["address"])

    def python(self, module: str, *arguments: object) -> "subprocess.Popen[bytes]":
        """Start one of our modules with the database of the run."""
        argv = [sys.executable, "-m", module, *map(str, arguments)]
        process = subprocess.Popen(argv, cwd=ROOT, env=self._environment())
        self._ends.callback(process.kill)
        return process

    def _environment(self) -> dict[str, str]:
        state = self._folder / "data" / "state.json"
        known = json.loads(state.read_text()) if state.exists() else {}
        urls = {name: str(known[name]) for name in ("DATABASE_URL", "REDIS_URL") if name in known}
        settings = {"SECRET_KEY": SECRET, "HTTPS": "0", "DEMO": "0", "DJANGO_SETTINGS_MODULE": SETTINGS}
        settings["DATA_KEYS"] = DATA_KEYS
        # The same as in the product, because message ids are made from it.
        settings["BASE_URL"] = str(known.get("address", "http://localhost"))
        return {**os.environ, **settings, **urls}

    def await_sweep(self) -> None:
        """Wait until the watcher sees fresh sweeps and a fresh round of the watchdog; SystemExit after 60 s."""
        deadline = time.monotonic() + UP_SECONDS
        while not self._is_awake():
            if time.monotonic() > deadline:
                raise SystemExit("bin/faults: nobody sweeps")
            time.sleep(0.1)

    def _is_awake(self) -> bool:
        looks = [line for line in self._watched.fresh() if line["what"] == "sweeps"]
        newest = looks[-1] if looks else {}
        ages = [newest.get(name) for name in ("age", "watchdog")]
        return all(age is not None and age < AWAKE_SECONDS for age in ages)

    def _sink(self, name: str) -> int:
        """Start a mail server with a ledger of this name; returns its port."""
        return int(self._printed("faults.sink", *(self._folder / f"{name}.{end}" for end in ("jsonl", "json"))))

    def _simulator(self, name: str) -> int:
        """Start a provider of texts or receiver of webhooks with this ledger; returns its port."""
        known = ("--account", SMS_ACCOUNT, "--token", SMS_TOKEN, "--number", SMS_FROM, "--seed", self._seed)
        return int(self._printed("simulator", "--ledger", self._folder / f"{name}.jsonl", *known))

    def _wires(self) -> dict[str, int]:
        """Start the network; returns the port of each wire, and under "control" the port for orders."""
        ports: dict[str, int] = json.loads(self._printed("faults.wire", self._folder, *machine.WIRES))
        return ports

    def _printed(self, module: str, *arguments: object) -> bytes:
        """Start a server; returns the first line it prints."""
        argv = [sys.executable, "-m", module, *map(str, arguments)]
        with (self._folder / f"{module}.log").open("ab") as log:
            process = subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, stderr=log)
        self._ends.callback(process.kill)
        assert process.stdout
        return process.stdout.readline()

    def _told(self, watchdog_port: int, *, redis: bool) -> dict[str, str]:
        """The settings of the product, as an operator would set them."""
        ports = {name: port for name, port in self.wires.items() if redis or not name.endswith("-broker")}
        return {
            "FAULTS_FOLDER": str(self._folder),
            "FAULTS_WIRES": json.dumps(ports),
            "DJANGO_SETTINGS_MODULE": SETTINGS,
            "SECRET_KEY": SECRET,
            "DATA_KEYS": DATA_KEYS,
            "EMAIL_URL": f"smtp://127.0.0.1:{ports['mail']}",
            "SMS_API_URL": f"http://127.0.0.1:{ports['texts']}",
            "SMS_ACCOUNT": SMS_ACCOUNT,
            "SMS_TOKEN": SMS_TOKEN,
            "SMS_FROM": SMS_FROM,
            "STAFF_SECOND_FACTOR": "0",
            "PLAIN_STATIC": "1",
            "WATCHDOG_EMAIL": "ops@people.example",
            "WATCHDOG_SMTP_URL": f"smtp://127.0.0.1:{watchdog_port}",
            # The canary would send logs that the checker does not know.
            "CANARY": "0",
            "FAILPOINTS": "*:once",
            "FAILPOINTS_DIR": str(self._folder / "failpoints"),
            **({} if redis else {"REDIS_URL": NO_BROKER}),
        }

    def _stop(self, process: "subprocess.Popen[bytes]") -> None:
        """Stop the product (one that a fault killed has ended already), and check that no process is left."""
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        assert left_behind(self._folder) == []
