"""check_rules: is the rule book well formed, and is what is made from it current? Reads no database."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recovery.triage.handbook import handbook
from recovery.triage.phone_module import phone_module
from recovery.triage.rulebook import RulebookError, load_rulebook

ROOT = Path(__file__).resolve().parents[3]
# What is made from the rule book, how, and the option that writes it.
MADE = (
    ("docs/rules.md", handbook, "write_docs"),
    ("static/js/rulebook.js", phone_module, "write_js"),
)


class Command(BaseCommand):
    help = (
        "Is the rule book well formed (ids, conditions, sources, reading grade, reach), and are docs/rules.md and "
        "the phone's copy, static/js/rulebook.js, current?"
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        for name, _, option in MADE:
            parser.add_argument(_flag(option), action="store_true", help=f"write {name} from the rule book")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            rulebook = load_rulebook()
        except RulebookError as error:
            raise CommandError(str(error)) from error
        stale = []
        for name, make, option in MADE:
            file, text = ROOT / name, make(rulebook)
            if options[option]:
                file.write_text(text, encoding="utf-8")
            elif not file.exists() or file.read_text(encoding="utf-8") != text:
                stale.append(f"{name} is not current: run check_rules {_flag(option)}")
        if stale:
            raise CommandError("; ".join(stale))
        self.stdout.write(f"Rule book {rulebook.hash[:12]}: no problems.")


def _flag(option: str) -> str:
    return f"--{option.replace('_', '-')}"
