"""Run the phone's own engine under Node, or in a headless Chromium where playwright is installed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

SCRIPTS = Path(__file__).resolve().parents[2] / "static" / "js"
MODULES = ("triage.js", "triage_facts.js", "free_text.js", "tiers.js", "words.js", "rulebook.js")
RUNNER = Path(__file__).with_suffix(".mjs")
# The content security policy of our pages; the engine must work without eval.
POLICY = "default-src 'none'; script-src 'self'"
ADDRESS = "http://phone.localhost/"
NEITHER = "the phone engine needs Node 20 or newer, or playwright with a Chromium; neither is here"

# patient, hours, log, history and, where the clinic changed something, its config
Case = tuple[Any, ...]
Verdict = dict[str, Any]


class PhoneError(Exception):
    """The phone's engine cannot run, or it stopped; the text is one plain sentence."""


class Phone(Protocol):
    def judge(self, cases: list[Case]) -> list[Verdict]:
        """Return the verdicts on (patient, hours, log, history[, config]), in order; all cases must be valid."""
        ...


class InNode:
    """One Node process for many cases; a context manager ends it."""

    def __init__(self, node: str, scripts: Path = SCRIPTS) -> None:
        self.folder = TemporaryDirectory(prefix="phone-")
        for name in MODULES:
            shutil.copy(scripts / name, self.folder.name)
        # This file tells Node that these are modules; in a browser the page does.
        Path(self.folder.name, "package.json").write_text('{"type": "module"}', encoding="utf-8")
        argv = [node, str(RUNNER), str(Path(self.folder.name, MODULES[0]))]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(argv, stdin=pipe, stdout=pipe, stderr=pipe)  # noqa: S603 - found by name

    def __enter__(self) -> InNode:
        return self

    def __exit__(self, *details: object) -> None:
        self.process.kill()
        self.process.communicate()
        self.folder.cleanup()

    def judge(self, cases: list[Case]) -> list[Verdict]:
        """Return the verdict. Node reads the whole line before it answers, so full pipes cannot deadlock."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            self.process.stdin.write(json.dumps(cases).encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError as error:
            raise PhoneError(self._last_words()) from error
        if answer := self.process.stdout.readline():
            found: list[Verdict] = json.loads(answer)
            return found
        raise PhoneError(self._last_words())

    def _last_words(self) -> str:
        _, said = self.process.communicate()
        lines = [line for line in said.decode(errors="replace").splitlines() if "Error" in line]
        return f"the phone engine stopped: {lines[0].strip() if lines else 'Node gave no reason'}"


class InChromium:
    """The engine as a page loads it, served from here under our content security policy."""

    def __init__(self, page: Any, scripts: Path = SCRIPTS) -> None:
        self.page = page
        self.scripts = scripts
        page.route("**/*", self._serve)
        page.goto(ADDRESS)

    def judge(self, cases: list[Case]) -> list[Verdict]:
        script = (
            "async (cases) => { const { judge } = await import('/triage.js');"
            " return cases.map((one) => judge(...one)); }"
        )
        found: list[Verdict] = self.page.evaluate(script, json.loads(json.dumps(cases)))
        return found

    def _serve(self, route: Any) -> None:
        name = route.request.url.removeprefix(ADDRESS)
        headers = {"Content-Security-Policy": POLICY}
        if name in MODULES:
            route.fulfill(path=self.scripts / name, content_type="text/javascript", headers=headers)
        else:
            route.fulfill(body="<!doctype html><title>Phone</title>", content_type="text/html", headers=headers)


@contextmanager
def phone_engine() -> Iterator[Phone]:
    """Return the engine in Node, else in Chromium; PhoneError when neither is installed."""
    if node := shutil.which("node"):
        with InNode(node) as phone:
            yield phone
        return
    try:
        playwright = import_module("playwright.sync_api")
    except ImportError:
        raise PhoneError(NEITHER) from None
    with playwright.sync_playwright() as driver:
        try:
            browser = driver.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        except playwright.Error:
            raise PhoneError(NEITHER) from None
        yield InChromium(browser.new_page())


def chromium() -> str | None:
    """Return the browser named in CHROMIUM, else one on the PATH; None lets playwright choose."""
    names = (os.environ.get("CHROMIUM") or "", "chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


def as_sent(case: Mapping[str, Any]) -> Case:
    """Return a valid case of the triage command as the server gives it to a phone, with times in one format."""
    patient = dict(case["patient"])
    if patient.get("procedure_end_at") is not None:
        patient["procedure_end_at"] = datetime.fromisoformat(patient["procedure_end_at"]).isoformat()
    return patient, case["recovery_hours"], case["log"], case.get("history", []), case.get("config", {})
