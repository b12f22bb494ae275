"""`bin/faults --mutants`: every seeded defect, in a copy of the source, must break a promise (faults.mutants)."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from queue import SimpleQueue

import psycopg2

from faults.mutants import MUTANTS, Mutant
from ops import roles
from ops.datadir import DataDir
from ops.embedded import running
from tests.processes import ROOT

COPIED = ("alerts", "config", "faults", "ops", "patients", "recovery", "templates", "static", "tests", "manage.py")
TEMPLATE, SCENE_SECONDS = "kypho", 120
# One for each core: each has its own copy of the source and its own database.
STAGES = ("scene_1", "scene_2")


def main(only: str = "") -> int:
    """Try the defects whose names contain `only`; returns the exit status: 1 when a scene missed one, else 0."""
    chosen = [mutant for mutant in MUTANTS if only in mutant.name]
    with tempfile.TemporaryDirectory(prefix="kypho-mutants-") as name:
        place = Path(name)
        place.chmod(0o711)
        data = DataDir(place / "data")
        data.create()
        with running(data, {"REDIS_URL": "redis://127.0.0.1:1/0"}, throwaway=True) as addresses:
            environment = _environment(addresses)
            subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
            roles.own(addresses["DATABASE_URL"])
            roles.let_sign(addresses["DATABASE_URL"], environment["SECRET_KEY"])
            return _all(chosen, place, environment)


def _all(chosen: list[Mutant], place: Path, environment: dict[str, str]) -> int:
    kept, words, seconds = _play(None, place, STAGES[0], environment)
    print(f"{'ok  ' if kept else 'FAIL'} as it is: {words} ({seconds:.0f} s)", flush=True)
    if not kept:
        return 1
    free: SimpleQueue[str] = SimpleQueue()
    for stage in STAGES:
        free.put(stage)

    def caught(mutant: Mutant) -> bool:
        stage = free.get()
        try:
            kept, words, seconds = _play(mutant, place, stage, environment)
        finally:
            free.put(stage)
        print(f"{'FAIL' if kept else 'ok  '} {mutant.name}: {words} ({seconds:.0f} s)", flush=True)
        return not kept

    with ThreadPoolExecutor(len(STAGES)) as pool:
        found = sum(pool.map(caught, chosen))
    print(f"{found} of {len(chosen)} defects caught.")
    return 1 if found < len(chosen) else 0


def _play(mutant: Mutant | None, place: Path, stage: str, environment: dict[str, str]) -> tuple[bool, str, float]:
    """Play all scenes: (were all promises kept, the last line of output, the seconds it took)."""
    copy = place / stage
    _copy(copy)
    if mutant:
        _apply(mutant, copy)
    _fresh(environment["DATABASE_URL"], stage)
    url = environment["DATABASE_URL"].replace(f"/{TEMPLATE}?", f"/{stage}?", 1)
    began = time.monotonic()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "faults.scenarios"],
            cwd=copy,
            env={**environment, "DATABASE_URL": url},
            capture_output=True,
            text=True,
            timeout=SCENE_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return False, "it hangs", time.monotonic() - began
    said = done.stdout.strip().splitlines()
    if not said:
        raise SystemExit(f"bin/faults: no scene was played: {done.stderr.strip().splitlines()[-1:]}")
    return done.returncode == 0, said[-1], time.monotonic() - began


def _copy(place: Path) -> None:
    """Copy the source with its compiled files, so that Python compiles only the changed file anew."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    for name in COPIED:
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, place / name)


def _apply(mutant: Mutant, copy: Path) -> None:
    text = (copy / mutant.file).read_text()
    if text.count(mutant.old) != 1:
        raise SystemExit(f"bin/faults: the text of the mutant {mutant.name!r} is not once in {mutant.file}")
    (copy / mutant.file).write_text(text.replace(mutant.old, mutant.new))
    if mutant.name == "the message names the patient":
        body = copy / "templates" / "messages" / "staff_alert" / "body.txt"
        body.write_text(body.read_text().replace("Please open", "{{ name }}: please open"))


def _fresh(url: str, database: str) -> None:
    """Make an empty, migrated database of this name; one that exists is dropped."""
    with closing(psycopg2.connect(url.replace(f"/{TEMPLATE}?", "/postgres?", 1))) as line:
        line.autocommit = True
        with line.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
            cursor.execute(f"CREATE DATABASE {database} TEMPLATE {TEMPLATE}")


def _environment(addresses: dict[str, str]) -> dict[str, str]:
    settings = {
        "SECRET_KEY": "a-key-for-mutants-only-a-key-for-mutants-only-a-key",
        "DATA_KEYS": "a-key-for-mutants-only-a-key-for-mutants-00",
        "HTTPS": "0",
        "DEMO": "0",
        "PLAIN_STATIC": "1",
        "BASE_URL": "http://testserver",
        "EMAIL_URL": "memorymail://",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "LOG_LEVEL": "CRITICAL",
    }
    return {**os.environ, **settings, "DATABASE_URL": addresses["DATABASE_URL"]}
