"""what_fits: write docs/fits.md, which fields must fit together, from the database's own constraints."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import models

OURS = ("patients", "alerts", "recovery")
HEAD = """# What must fit together

Made by `bin/manage what_fits`; a test holds it. These the database itself refuses to break, whoever writes: pages,
sweeps, somebody with psql. That each does is attacked in `tests/architecture/promises.py`. What must fit together
within one log is in [rules.md](rules.md), what in the settings of an installation in `ops/wrong_settings.py`
(`TOGETHER`), and a clinic's numbers have their bounds in `recovery/triage/rulebook/settings.toml`.
"""


def document() -> str:
    """Return the text of docs/fits.md."""
    return "\n".join([HEAD, *_lines()]) + "\n"


def _lines() -> Iterator[str]:
    for app in OURS:
        for model in sorted(apps.get_app_config(app).get_models(), key=lambda one: one.__name__):
            rules = sorted(_rules(model))
            if rules:
                yield f"## {model.__name__} (`{model._meta.db_table}`)\n"
                yield "| what holds | fields |\n|---|---|"
                yield from rules
                yield ""


def _rules(model: type[models.Model]) -> Iterator[str]:
    for rule in model._meta.constraints:
        fields = ", ".join(f"`{name}`" for name in dict.fromkeys(_fields(rule)))
        yield f"| {rule.name.replace('_', ' ')} | {fields} |"


def _fields(rule: models.BaseConstraint) -> Iterator[str]:
    if isinstance(rule, models.UniqueConstraint):
        yield from rule.fields
    condition = getattr(rule, "condition", None)
    if isinstance(condition, models.Q):
        yield from _named(condition)


def _named(condition: models.Q) -> Iterator[str]:
    for child in condition.children:
        if isinstance(child, models.Q):
            yield from _named(child)
        elif isinstance(child, tuple):
            yield str(child[0]).partition("__")[0]


class Command(BaseCommand):
    """bin/manage what_fits > docs/fits.md"""

    help = "Print which fields of each record must fit together."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the document on standard output."""
        self.stdout.write(document(), ending="")
