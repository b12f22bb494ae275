"""check_rules: check rule book and cards, their sources, and the files generated from them. Needs no database."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from patients.values.languages import ENGLISH
from recovery.management.cards_handbook import cards_handbook, hard_to_read
from recovery.management.phone_words import words_module
from recovery.plan.cards_book import CardsError, default_cards
from recovery.statement_places import breaks
from recovery.triage.handbook import handbook
from recovery.triage.measured import SETS, figures
from recovery.triage.phone_module import phone_module
from recovery.triage.reach import reach_problems
from recovery.triage.rulebook import RulebookError, load_rulebook
from recovery.triage.rulebook.files import FOLDER
from recovery.triage.rulebook.places import located
from recovery.triage.shapes import Rulebook
from recovery.triage.traceability import rule_citations
from recovery.wording.languages import check
from recovery.wording.languages.sentences import sentences
from recovery.wording.languages.translations import file_of, for_helpers, languages, rows_of

ROOT = Path(__file__).resolve().parents[3]


def _words(language: str) -> Callable[[Rulebook], str]:
    return lambda _: words_module(language)


# The generated files, how they are made, and the option that writes them.
MADE = (
    ("docs/rules.md", handbook, "write_docs"),
    ("docs/cards.md", cards_handbook, "write_cards"),
    ("static/js/rulebook.js", phone_module, "write_js"),
    *((f"static/js/words_{code}.js", _words(code), "write_js") for code in languages()),
)


class Command(BaseCommand):
    help = (
        "Is the rule book well formed (shape, ids, conditions, values, sources, reading grade, signs, numbers in "
        "order, no rule dead or shadowed), are the cards, does every statement of the documents live somewhere, "
        "and are docs/rules.md, docs/cards.md and the phone's copy, static/js/rulebook.js, current?"
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        for option in dict.fromkeys(option for _, _, option in MADE):
            names = ", ".join(name for name, _, its in MADE if its == option)
            parser.add_argument(_flag(option), action="store_true", help=f"write {names} from the rule book")
        parser.add_argument(
            "--write-languages", action="store_true", help="add a row for each new sentence to each language"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            rulebook = load_rulebook()
            broken = [*breaks(), *hard_to_read(default_cards())]
        except (RulebookError, CardsError) as error:
            raise CommandError(str(error)) from error
        if options["write_languages"]:
            write_languages()
        wrong = [*map(str, located(reach_problems(rulebook), FOLDER)), *broken, *spoken_wrongly()]
        if wrong:
            raise CommandError("\n".join(wrong))
        stale = []
        for name, make, option in MADE:
            file, text = ROOT / name, make(rulebook)
            if options[option]:
                file.write_text(text, encoding="utf-8")
            elif not file.exists() or file.read_text(encoding="utf-8") != text:
                stale.append(f"{name} is not current: run check_rules {_flag(option)}")
        if stale:
            raise CommandError("; ".join(stale))
        self.stdout.write(checked(rulebook))
        for line in spoken():
            self.stdout.write(line)
        for name in SETS:
            found = figures(name, rulebook.content["free_text"])
            self.stdout.write(f"Words of danger, {name.replace('_', '-')} sentences: {found}.")
        self.stdout.write(f"Rule book {rulebook.hash[:12]}: no problems.")


def spoken_wrongly() -> list[str]:
    """Return every translated row whose numbers, names, links or terms differ from its English."""
    names = (*languages(), *(for_helpers(name) for name in (ENGLISH, *languages())))
    return [problem for name in names for problem in check.problems(name, rows_of(name))]


def spoken() -> list[str]:
    """Return a line for each language: how much is reviewed, and what readers get in English."""
    lines = []
    for name in languages():
        rows, lacks = rows_of(name), list(check.missing(rows_of(name)))
        reviewed = sum(bool(row.reviewer) for row in rows.values())
        lines += [f"Language {name}: {len(sentences())} sentences, {len(lacks)} in English, {reviewed} reviewed."]
        lines += [f"  {line}" for line in lacks]
    for name in (ENGLISH, *languages()):
        lacks = list(check.missing_for_helpers(rows_of(for_helpers(name))))
        lines.append(f"Words for helpers, {name}: {len(lacks)} sentences still speak to the patient.")
        lines += [f"  {line}" for line in lacks]
    return lines


def write_languages() -> None:
    """Give each language's file a row for every sentence; stale rows stay until somebody writes them anew."""
    for name in languages():
        file_of(name).write_text(check.written(rows_of(name), file_of(name).read_text("utf-8")), "utf-8")
    for name in map(for_helpers, (ENGLISH, *languages())):
        text = check.written(rows_of(name), file_of(name).read_text("utf-8"), helpers=True)
        file_of(name).write_text(text, "utf-8")
    rows_of.cache_clear()


def checked(rulebook: Rulebook) -> str:
    """Return how much was checked, in numbers."""
    content = rulebook.content
    questions = [field for group in content["groups"] for field in group["fields"]]
    rules = (*rulebook.urgent, *rulebook.latch, *rulebook.watch)
    conditions = [*rules, *rulebook.notices, *rulebook.priorities, *rulebook.derived]
    sources = {source for cited in rule_citations(rulebook).values() for source in cited}
    return (
        f"Checked {len(rules)} rules and {len(rulebook.notices)} notices (each fires, none is shadowed), "
        f"{len(conditions)} conditions, {len(rulebook.signs)} signs, {len(questions)} questions, "
        f"{len(content['numbers'])} numbers, {len(sources)} cited sources; current: "
        f"{', '.join(name for name, _, _ in MADE)}."
    )


def _flag(option: str) -> str:
    return f"--{option.replace('_', '-')}"
