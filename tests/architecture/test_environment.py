"""What a machine must be told, and what is installed on it."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from ops.up import ROOT

SETTINGS = [ROOT / "config" / name for name in ("settings.py", "operator_settings.py", "sign_in_settings.py")]
# The name and the value shown there, without the words behind it.
SHOWN = dict(re.findall(r"^#([A-Z_]+)=(\S*)", (ROOT / ".env.example").read_text(), re.MULTILINE))
LISTED = set(SHOWN)
# The machine's own, and what only a fault run sets.
NOT_OURS = {"PATH", "DJANGO_SETTINGS_MODULE", "FAILPOINTS", "FAILPOINTS_DIR", "CHROMIUM", "DEBIAN_FRONTEND"}
# Where the shown value is another than the one in the code: it depends on the kind of installation, or says where.
SHOWN_OTHERWISE = {"HTTPS", "STAFF_SECOND_FACTOR", "DATA_DIR", "STATIC_ROOT", "ALLOWED_HOSTS"}


def test_every_setting_is_listed_for_whoever_installs_it() -> None:
    text = "".join(place.read_text() for place in SETTINGS)
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', text))
    assert read - LISTED == set()


def test_nothing_is_listed_that_nobody_reads() -> None:
    places = (
        *SETTINGS,
        ROOT / "docker-compose.yml",
        ROOT / "ops" / "copies" / "make.py",
        ROOT / "config" / "secret_files.py",
    )
    read = "".join(place.read_text() for place in places)
    assert [name for name in LISTED if name not in read] == []


def test_nothing_else_of_the_environment_is_read_anywhere() -> None:
    read = set()
    for place in ("config", "ops", "alerts", "patients", "recovery"):
        text = "".join(path.read_text() for path in (ROOT / place).rglob("*.py"))
        read |= set(re.findall(r"""environ(?:\.get\(|\[|\.setdefault\()"([A-Z_]+)\"""", text))
    assert read - LISTED - NOT_OURS == set()


def defaults() -> Iterator[tuple[str, str]]:
    """Each setting whose default is written down as it is, as .env would have it."""
    for place in SETTINGS:
        for node in ast.walk(ast.parse(place.read_text())):
            named = isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)
            if not named or not ast.unparse(node.func).startswith("env."):
                continue
            for keyword in node.keywords:
                if keyword.arg == "default" and isinstance(keyword.value, ast.Constant):
                    value = keyword.value.value
                    yield node.args[0].value, str(int(value)) if isinstance(value, bool) else str(value)


def test_the_values_shown_are_those_that_count_when_nothing_is_set() -> None:
    empty_is_explained = {name for name, shown in SHOWN.items() if not shown}
    named = dict(defaults())
    assert len(named) > 30
    differ = {name: value for name, value in named.items() if SHOWN[name] != value}
    assert {name for name in differ if name not in SHOWN_OTHERWISE | empty_is_explained} == set()


@pytest.mark.programs
def test_a_setting_that_is_there_but_empty_is_not_set() -> None:
    """Whoever takes every # away, and has to say two things, gets the same as without the file."""
    said = {"SECRET_KEY": "long and random", "DATABASE_URL": "postgresql://kypho:secret@host/kypho"}
    code = "import config.settings as s; print({n: str(v) for n, v in vars(s).items() if n.isupper()})"

    def settings(**more: str) -> str:
        environment = {"PATH": os.environ["PATH"], "PYTHONHASHSEED": "0", **more, **said}
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, cwd=ROOT
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert settings(**dict.fromkeys(LISTED - set(said), "")) == settings()


def test_what_docker_fills_in_is_listed() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    assert set(re.findall(r"\$\{([A-Z_]+)", text)) <= LISTED
    assert "env_file: .env" in text


LOCKS = ("requirements.lock", "requirements-embedded.lock", "requirements-dev.lock")


def test_each_longer_lock_holds_every_line_of_the_shorter_one() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^(\S+==\S+)", (ROOT / name).read_text(), re.MULTILINE))

    lean, embedded, develop = (pins(name) for name in LOCKS)
    assert lean < embedded < develop


def test_every_line_of_a_lock_has_a_hash() -> None:
    for name in (*LOCKS, "bin/uv.lock"):
        entries = re.split(r"\n(?=\S+==)", (ROOT / name).read_text())
        assert [entry for entry in entries if "==" in entry and "--hash=sha256:" not in entry] == []
