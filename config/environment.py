"""The environment for the settings: an empty variable counts as not set, such as a line `NAME=` in .env."""

import os
import re

import environ

from config.secret_files import read_secrets

read_secrets()
env = environ.Env()
env.ENVIRON = {name: value for name, value in os.environ.items() if value}


def data_keys(text: str) -> list[str]:
    """Return the keys in DATA_KEYS, newest first; commas, spaces or line breaks may stand between them."""
    return [part for part in re.split(r"[\s,]+", text) if part]
