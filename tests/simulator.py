"""The simulated provider as a process of its own, for whatever test needs one."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ops.up import ROOT

ACCOUNT, TOKEN, NUMBER = "ACtest", "a-token-for-tests", "+13125550190"


class Simulator:
    """What a test may ask of it."""

    def __init__(self, url: str, ledger: Path) -> None:
        self.url, self.path = url, ledger

    def behave(self, **settings: Any) -> None:
        """Change how it behaves, from now on."""
        self.ask("PUT", "/control", settings)

    def reply(self, url: str, number: str, body: str, **more: str) -> tuple[int, str]:
        """Somebody texts our number; status and body of what our side answered."""
        answer = self.ask("POST", "/reply", {"from": number, "body": body, "url": url, **more})
        return answer["status"], answer["answer"]

    def pick_up(self, keys: str = "", ends: str = "completed", answered_by: str = "human") -> list[dict[str, Any]]:
        """The newest call: somebody presses these keys ("-": none until the time is up), or nobody answers."""
        name = self.lines("call")[-1]["id"]
        pressed = ["" if key == "-" else key for key in keys]
        form = {"id": name, "keys": pressed, "ends": ends, "answered_by": answered_by}
        steps: list[dict[str, Any]] = self.ask("POST", "/pick-up", form)["steps"]
        return steps

    def ask(self, method: str, path: str, values: Any) -> Any:
        """One request; the JSON of the answer."""
        request = urllib.request.Request(self.url + path, json.dumps(values).encode(), method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def lines(self, kind: str = "sms") -> list[dict[str, Any]]:
        """The ledger as it lies on the disk, one kind of line."""
        return [line for line in map(json.loads, self.path.read_text().splitlines()) if line["kind"] == kind]


@contextmanager
def running_simulator(directory: Path, *arguments: str) -> Iterator[Simulator]:
    """Run one on a free port; it is stopped after."""
    ledger = directory / "ledger.jsonl"
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "simulator", "--ledger", str(ledger)),
            *("--account", ACCOUNT, "--token", TOKEN, "--number", NUMBER, *arguments),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        yield Simulator(f"http://127.0.0.1:{int(process.stdout.readline())}", ledger)
    finally:
        process.terminate()
        process.wait(10)
        if process.stdout:
            process.stdout.close()
