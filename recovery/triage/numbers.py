"""The rule book's numbers, with a clinic's changes put in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# The settings a clinic changed, by the keys of config.py, and no others.
Config = Mapping[str, Any]

# Settings that hold two numbers of the rule book.
SPANS = {name: (f"{name}_low", f"{name}_high") for name in ("temp_plausible_f", "temp_plausible_c")}


def number_facts(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers and choices as facts."""
    return {**content["numbers"], **content["choices"]}


def with_config(content: Mapping[str, Any], config: Config | None) -> Mapping[str, Any]:
    """Return the rule book's content with the clinic's numbers; the same object when nothing changed.

    The config must have passed validate_config. Settings that only plan and screens read are left out.
    """
    if not config:
        return content
    numbers = {key: value for key, value in config.items() if key in content["numbers"]}
    choices = {key: value for key, value in config.items() if key in content["choices"]}
    for key, names in SPANS.items():
        if key in config:
            numbers |= dict(zip(names, config[key], strict=True))
    changed = {
        **content,
        "numbers": {**content["numbers"], **numbers},
        "choices": {**content["choices"], **choices},
    }
    if "missed_log_h" in config:
        changed["missed_log"] = config["missed_log_h"]
    return changed
