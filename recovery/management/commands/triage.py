"""triage [FILE]: judge JSON lines, one answer line each, in order. Needs no database and no server."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError

from recovery.management.phone_engine import Phone, PhoneError, as_sent, phone_engine
from recovery.triage.lines import MAX_LINE_BYTES, Judge, answer_line, judged_here


class Command(BaseCommand):
    help = (
        'Judge JSON lines {"id", "patient", "recovery_hours", "history", "log", "config"}; print one answer each. '
        "A line that is refused prints its error, and the exit status is 1 after the last line."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", default="-", metavar="FILE", help="left out or -: standard input")
        parser.add_argument(
            "--engine",
            choices=("server", "phone"),
            default="server",
            help="phone: the phone's own evaluator, under Node or a headless Chromium; the same answers",
        )

    def handle(self, *args: Any, file: str, engine: str, **options: Any) -> None:
        refused = 0
        try:
            with ExitStack() as stack:
                source = self.source(file, stack)
                judged = judged_by(stack.enter_context(phone_engine())) if engine == "phone" else judged_here
                for line in lines_of(source):
                    answer = answer_line(line, judged)
                    refused += "error" in answer
                    self.stdout.write(json.dumps(answer))
        except PhoneError as error:
            raise CommandError(str(error)) from error
        if refused:
            raise CommandError(f"{refused} line(s) refused", returncode=1)

    def source(self, file: str, stack: ExitStack) -> BinaryIO:
        """Open the input: standard input for "-", else the file, which is closed at the end."""
        if file == "-":
            return sys.stdin.buffer
        try:
            return stack.enter_context(Path(file).open("rb"))
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from error


def judged_by(phone: Phone) -> Judge:
    """Return the phone's verdict on one case, reduced to what an answer line shows."""

    def judged(case: Mapping[str, Any]) -> dict[str, Any]:
        verdict = phone.judge([as_sent(case)])[0]
        fired = [{"id": rule["id"], "sources": rule["sources"]} for rule in verdict["fired"]]
        return {
            "tier": verdict["tier"],
            "fired": fired,
            "notices": verdict["notices"],
            "nurse_priority": verdict["nurse_priority"],
        }

    return judged


def lines_of(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the lines that are not blank; of an oversized line only its (too long) beginning."""
    while line := stream.readline(MAX_LINE_BYTES + 1):
        rest = line
        while rest and not rest.endswith(b"\n") and len(rest) > MAX_LINE_BYTES:
            rest = stream.readline(MAX_LINE_BYTES + 1)
        if line.strip():
            yield line
