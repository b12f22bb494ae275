"""Read the rule book's files, and compute the hash of their content."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from patients.tiers import ON_TRACK, URGENT, WATCH
from recovery.triage.problem import Problem, RulebookError
from recovery.triage.rows import misshapen
from recovery.triage.rulebook.places import located

FOLDER = Path(__file__).parent
LANGUAGES = ("english", "spanish")
TABLES = ("derived", *URGENT, "latch", WATCH, ON_TRACK, "notices", "signs", "priorities")
_TOML_LINE = re.compile(r" \(at line (\d+), column \d+\)")


@cache
def read_content(folder: Path = FOLDER) -> Mapping[str, Any]:
    """Return the whole rule book as plain data, each file under its name.

    RulebookError when a file cannot be read, or a row has missing or unknown keys or values of the wrong kind.
    """
    content: dict[str, Any] = {
        name: _toml(folder, f"{name}.toml") for name in (*TABLES, *LANGUAGES, "concepts", "defaults")
    }
    content |= {name: _json(folder, f"{name}.json") for name in ("questions", "patient", "sources")}
    if problems := list(misshapen(content)):
        raise RulebookError(*located(problems, folder))
    content |= content.pop("defaults")  # missed_log, fallback_minutes, and:
    rows = {**content["numbers"], **content["choices"]}
    content["number_defaults"] = {name: row["default"] for name, row in rows.items()}
    content["numbers"] = {name: row["is"] for name, row in content["numbers"].items()}
    content["choice_values"] = {name: row["values"] for name, row in content["choices"].items()}
    content["choices"] = {name: row["is"] for name, row in content["choices"].items()}
    content["free_text"] = _free_text(content)
    questions = content.pop("questions")
    content["groups"] = questions["groups"]
    # Fields that come with a log and are never asked, such as its door or a short answer.
    content["beside"] = questions["beside"]
    record = content["patient"]
    content["patient"] = record["fields"]
    content["record"] = record
    return content


def _free_text(content: dict[str, Any]) -> dict[str, Any]:
    """Return the concepts and the words of each language as one table, for server and phone."""
    concepts = content.pop("concepts")
    return {
        "negation_window_words": concepts["negation_window_words"],
        "concepts": concepts["concept"],
        "languages": [content.pop(name) for name in LANGUAGES],
    }


def content_hash(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the content in canonical form: layout and comments do not count, every word does."""
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _text(folder: Path, name: str) -> str:
    try:
        return (folder / name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise RulebookError(Problem(name, "", f"cannot be read: {why}")) from error


def _toml(folder: Path, name: str) -> dict[str, Any]:
    text = _text(folder, name)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _TOML_LINE.search(str(error))
        line = int(found[1]) if found else len(text.splitlines())
        why = _TOML_LINE.sub("", str(error)).removesuffix(" (at end of document)")
        raise RulebookError(Problem(name, "", f"is not TOML: {why}", line)) from error


def _json(folder: Path, name: str) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = json.loads(_text(folder, name))
    except json.JSONDecodeError as error:
        raise RulebookError(Problem(name, "", f"is not JSON: {error.msg}", error.lineno)) from error
    return loaded
