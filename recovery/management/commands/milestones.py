"""`manage.py milestones [FILE]`: run the milestone function on JSON lines. Needs no database and no server."""

import json
import os
import sys
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recovery.management.jsonlines import LineError, open_lines, read_lines
from recovery.plan.book import book_for
from recovery.plan.fields import InvalidInput
from recovery.plan.milestones import MilestoneStatus, evaluate, override_problems
from recovery.triage.config import validate_config


class Command(BaseCommand):
    """Print one answer per line, in order; exit with status 1 if any line was invalid."""

    help = 'Reads JSON lines {"id", "patient", "state", "now", "config"} and prints where each milestone stands.'
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add FILE; without it or with '-' the command reads standard input."""
        parser.add_argument("file", nargs="?", default="-", metavar="FILE", help="default: standard input")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the whole input; a bad line does not stop it."""
        failed = False
        try:
            with open_lines(options["file"]) as stream:
                for line_id, value in read_lines(stream):
                    answer = _answer(value)
                    failed = failed or "error" in answer
                    self.stdout.write(json.dumps({"id": line_id, **answer}))
            self.stdout.flush()
        except BrokenPipeError:
            # The reader closed the pipe: print nothing more, not even when Python exits.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            failed = True
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from None
        if failed:
            sys.exit(1)


def _answer(value: dict[str, Any] | LineError) -> dict[str, Any]:
    """Return the answer to one line: the milestones, or the error."""
    if isinstance(value, LineError):
        return {"error": value.text}
    config = value.get("config", {})
    if problems := validate_config(config):
        return {"error": "; ".join(f"config.{key}: {why}" if key else f"config: {why}" for key, why in problems)}
    try:
        book = book_for(config)
        patient, now = value.get("patient"), value.get("now")
        answer = _printed(evaluate(patient, value.get("state"), now, book))
        unread = override_problems(patient, now, book)
        return {**answer, "problems": list(unread)} if unread else answer
    except InvalidInput as error:
        return {"error": str(error)}
    except Exception as error:
        # A bug that one line triggers must not stop the lines after it.
        return {"error": f"internal error: {type(error).__name__}"}


def _printed(statuses: dict[str, MilestoneStatus]) -> dict[str, Any]:
    return {
        "status": {key: one.status for key, one in statuses.items()},
        "reasons": {key: list(one.reasons) for key, one in statuses.items()},
        "due_local": {key: _local(one.due_local) for key, one in statuses.items()},
        "due_utc": {key: _utc(one.due_utc) for key, one in statuses.items()},
    }


def _local(wall: datetime | None) -> str | None:
    return None if wall is None else wall.isoformat(timespec="minutes")


def _utc(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat().replace("+00:00", "Z")
