"""What the documents name is there: files, scripts, commands, processes, classes, addresses, ways of import."""

import re
import tomllib
from collections.abc import Iterator
from importlib import import_module
from itertools import pairwise
from typing import Any

import pytest
from django.apps import apps
from django.core.management import get_commands
from django.urls import URLResolver, get_resolver

from ops.command import PROGRAMS
from ops.supervisor import PROCESSES
from ops.up import ROOT

HOW_TO = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs" / "howto").glob("*.md"))
DOCS = ["README.md", "CONTEXT.md", "CONTRIBUTING.md", "SECURITY.md", "docs/architecture.md", "docs/hazards.md"]
DOCS += ["docs/runbook.md", "docs/reliability.md", "docs/performance.md", *HOW_TO]
OURS = (
    "config",
    "ops",
    "simulator",
    "patients",
    "alerts",
    "recovery",
    "tests",
    "static",
    "docs",
    "bench",
    "faults",
    "templates",
    "bin",
)
# Made while running, or only where it is deployed.
NOT_IN_THE_TREE = {".data/", ".env"}
# bin/manage runs them itself: Django does not know them.
OUR_PROGRAMS = {"restore", *PROGRAMS}


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def named(name: str) -> set[str]:
    """What stands between backticks, code blocks aside."""
    return set(re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text(name), flags=re.DOTALL)))


@pytest.mark.parametrize("name", DOCS)
def test_every_file_that_is_named_exists(name: str) -> None:
    paths = {word for word in named(name) if re.fullmatch(rf"({'|'.join(OURS)})/[\w./-]*", word)}
    assert [path for path in sorted(paths - NOT_IN_THE_TREE) if not (ROOT / path).exists()] == []
    scripts = {word for word in named(name) if re.fullmatch(r"\w+\.js", word)}
    assert [script for script in sorted(scripts) if not (ROOT / "static" / "js" / script).exists()] == []


@pytest.mark.parametrize("name", DOCS)
def test_every_command_that_is_named_exists(name: str) -> None:
    commands = set(re.findall(r"(?:bin/manage|manage\.py) ([a-z_]+)", text(name)))
    assert commands - set(get_commands()) - OUR_PROGRAMS == set()


@pytest.mark.parametrize("name", DOCS)
def test_every_dotted_name_leads_somewhere(name: str) -> None:
    for dotted in sorted(
        word for word in named(name) if re.fullmatch(r"(patients|alerts|recovery|config)(\.\w+)+", word)
    ):
        assert leads_somewhere(dotted), dotted


def leads_somewhere(dotted: str) -> bool:
    """A module, or something in one."""
    try:
        import_module(dotted)
    except ModuleNotFoundError:
        place, _, last = dotted.rpartition(".")
        return hasattr(import_module(place), last)
    return True


def routes(resolver: Any = None, before: str = "/") -> Iterator[str]:
    """Every address, with <...> for what it takes."""
    for entry in (resolver or get_resolver()).url_patterns:
        address = before + str(entry.pattern)
        yield from routes(entry, address) if isinstance(entry, URLResolver) else [address]


@pytest.mark.parametrize("name", [*DOCS, "docs/states.md"])
def test_every_address_that_is_named_answers(name: str) -> None:
    """Or begins one that does."""
    known = list(routes())
    told = set(re.findall(r"`(?:GET |POST )?(/[a-z0-9/_-]+(?:\.js)?)`", text(name)))
    assert [address for address in told if not any(route.startswith(address) for route in known)] == []


def test_the_processes_are_those_that_run() -> None:
    told = text("docs/architecture.md").split("## Processes", 1)[1].split("##", 1)[0]
    assert set(re.findall(r"`(\w+)`", told)) == set(PROCESSES)


def test_every_class_in_the_glossary_is_a_model() -> None:
    models = {model.__name__ for model in apps.get_models()}
    assert set(re.findall(r"`([A-Z]\w+)`", text("CONTEXT.md"))) - models == set()


def test_the_way_of_imports_is_the_one_that_is_checked() -> None:
    contracts = tomllib.loads(text("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    layers = contracts[0]["layers"]
    drawn = re.search(r"^ops +-> .*$", text("docs/architecture.md"), re.MULTILINE)
    assert drawn
    assert drawn[0].split("  ->  ") == layers
    assert all(high != low for high, low in pairwise(layers))


def test_each_word_of_the_glossary_stands_once() -> None:
    words = re.findall(r"^\| \*\*(.+?)\*\*", text("CONTEXT.md"), re.MULTILINE)
    assert len(words) > 40
    assert [word for word in words if words.count(word) > 1] == []
