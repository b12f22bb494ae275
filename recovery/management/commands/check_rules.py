"""check_rules: is the rule book well formed, and is docs/rules.md current? Reads no database."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recovery.triage.handbook import handbook
from recovery.triage.rulebook import RulebookError, load_rulebook

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "rules.md"


class Command(BaseCommand):
    help = (
        "Is the rule book well formed (ids, conditions, sources, reading grade, reach) and docs/rules.md current?"
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--write-docs", action="store_true", help="write docs/rules.md from the rule book")

    def handle(self, *args: Any, write_docs: bool, **options: Any) -> None:
        try:
            rulebook = load_rulebook()
        except RulebookError as error:
            raise CommandError(str(error)) from error
        text = handbook(rulebook)
        if write_docs:
            DOCUMENT.write_text(text, encoding="utf-8")
        elif not DOCUMENT.exists() or DOCUMENT.read_text(encoding="utf-8") != text:
            raise CommandError("docs/rules.md is not current: run check_rules --write-docs")
        self.stdout.write(f"Rule book {rulebook.hash[:12]}: no problems.")
