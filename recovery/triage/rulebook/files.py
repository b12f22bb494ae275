"""Reading the rule book's files, and the hash that names their content."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
TABLES = ("derived", "call_911", "call_doctor_now", "latch", "watch", "on_track", "notices", "signs", "priorities")


@cache
def read_content() -> Mapping[str, Any]:
    """Everything in the rule book as plain data, each file under its own name."""
    content: dict[str, Any] = {name: _toml(f"{name}.toml") for name in TABLES}
    content |= _toml("defaults.toml")  # missed_log, fallback_minutes, free_text, and:
    content["number_defaults"] = {name: row["default"] for name, row in content["numbers"].items()}
    content["numbers"] = {name: row["is"] for name, row in content["numbers"].items()}
    content["groups"] = _json("questions.json")["groups"]
    record = _json("patient.json")
    content["patient"] = record["fields"]
    content["record"] = record
    content["sources"] = _json("sources.json")
    return content


def content_hash(content: Mapping[str, Any]) -> str:
    """SHA-256 of the content in one canonical form: layout and comments do not change it, a word does."""
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))


def _json(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    return loaded
