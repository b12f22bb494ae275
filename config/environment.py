"""The environment as settings read it: what is there but empty counts as not set, as in a line `NAME=` of .env."""

import os
import re

import environ

from config.secret_files import read_secrets

read_secrets()
env = environ.Env()
env.ENVIRON = {name: value for name, value in os.environ.items() if value}


def data_keys(text: str) -> list[str]:
    """DATA_KEYS: commas, spaces or lines between, the newest first."""
    return [part for part in re.split(r"[\s,]+", text) if part]
