"""A pytest plugin: where the time of a run went, by folder and by test."""

from collections import defaultdict

import pytest

SHOWN = 15


class Spent:
    """Adds up what the workers report; printed at the end of a run over several folders."""

    def __init__(self) -> None:
        self.folders: defaultdict[str, float] = defaultdict(float)
        self.tests: defaultdict[str, float] = defaultdict(float)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        folder = report.nodeid.partition("::")[0].rpartition("/")[0]
        self.folders[folder] += report.duration
        self.tests[report.nodeid] += report.duration

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if len(self.folders) < 2:
            return
        terminalreporter.section("where the time went, in seconds of one worker")
        for part in (self.folders, dict(self._slowest())):
            for name, seconds in sorted(part.items(), key=lambda one: -one[1]):
                terminalreporter.write_line(f"{seconds:7.1f} {name}")

    def _slowest(self) -> list[tuple[str, float]]:
        return sorted(self.tests.items(), key=lambda one: -one[1])[:SHOWN]
