"""The version after this one: a copy of the source, with one more column in the tables of logs and of alerts.

What a new version may do while the one before still runs (docs/runbook.md): columns that may be empty, and rules
that old rows need not keep. Its migrations are applied as at every start, by ops.prepare.
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
    """Write it there."""
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
    """As the first line under the model's docstring."""
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
    """Make the database ready for it while the version before goes on; after how many tries (0: not at all)."""
    for number in range(TRIES):
        argv = [sys.executable, "-m", "ops.prepare"]
        done = subprocess.run(argv, cwd=place, env=dict(environment), timeout=PREPARE_SECONDS, stdout=sys.stderr)
        if done.returncode == 0:
            return number + 1
    return 0
