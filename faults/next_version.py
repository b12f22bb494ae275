"""The version after this one: a copy of the source, with one more column in the tables of logs and of alerts.

It changes the schema as a new version may while the previous one still runs (docs/runbook.md): it adds columns
that may be empty, and constraints that old rows need not satisfy. ops.prepare applies its migrations.
"""

import ast
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.processes import ROOT

COPIED = (
    "alerts",
    "config",
    "docs",
    "faults",
    "ops",
    "patients",
    "recovery",
    "templates",
    "static",
    "tests",
    "manage.py",
)
# app -> (file of the model, its name)
CHANGED = {
    "alerts": (("alert", "Alert"), ("delivery", "Delivery")),
    "recovery": (("log", "DailyLog"), ("log", "Assessment")),
}
FIELD = "said_by_version"
MIGRATION = """from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("{app}", "{before}")]
    operations = [
{operations}    ]
"""
OPERATIONS = """        migrations.AddField("{model}", "{field}", models.CharField(max_length=20, null=True)),
        migrations.RunSQL(
            "ALTER TABLE {app}_{table} ADD CONSTRAINT {field}_of_{table} CHECK ({field} <> '') NOT VALID",
            "ALTER TABLE {app}_{table} DROP CONSTRAINT {field}_of_{table}",
        ),
"""
PREPARE_SECONDS, TRIES = 60, 3


def make(place: Path) -> None:
    """Write the next version into this new folder."""
    place.mkdir()
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, place / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, place / name)
    for app, models in CHANGED.items():
        for file, model in models:
            _add_field(place / app / "models" / f"{file}.py", model)
        _add_migration(place / app / "migrations", app, [model for _, model in models])


def _add_field(file: Path, model: str) -> None:
    """Add the field under the docstring of the model."""
    text = file.read_text()
    found = next(node for node in ast.parse(text).body if isinstance(node, ast.ClassDef) and node.name == model)
    lines = text.splitlines(keepends=True)
    lines.insert(found.body[0].end_lineno or 0, f"\n    {FIELD} = models.CharField(max_length=20, null=True)\n")
    file.write_text("".join(lines))


def _add_migration(folder: Path, app: str, models: list[str]) -> None:
    before = max(file.stem for file in folder.glob("0*.py"))
    names = ({"app": app, "model": model, "table": model.lower(), "field": FIELD} for model in models)
    operations = "".join(OPERATIONS.format(**name) for name in names)
    text = MIGRATION.format(app=app, before=before, operations=operations)
    (folder / f"{int(before[:4]) + 1:04}_the_version_after.py").write_text(text)


def prepare(place: Path, environment: Mapping[str, str]) -> int:
    """Migrate the database while the previous version runs; returns the tries it took, 0 when all failed."""
    for number in range(TRIES):
        argv = [sys.executable, "-m", "ops.prepare"]
        done = subprocess.run(argv, cwd=place, env=dict(environment), timeout=PREPARE_SECONDS, stdout=sys.stderr)
        if done.returncode == 0:
            return number + 1
    return 0
