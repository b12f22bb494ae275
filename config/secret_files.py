"""Secrets as files: with Docker each container sees its own in /run/secrets, under the name of the setting."""

import os
from collections.abc import MutableMapping
from pathlib import Path

FOLDER = Path("/run/secrets")


def read_secrets(environment: MutableMapping[str, str] = os.environ, folder: Path = FOLDER) -> None:
    """Take every file with the name of a setting (SECRET_KEY) that the environment does not set, or sets empty."""
    if not folder.is_dir():
        return
    for place in sorted(folder.iterdir()):
        if place.name.isupper() and place.is_file() and not environment.get(place.name):
            environment[place.name] = place.read_text(encoding="utf-8").strip()
