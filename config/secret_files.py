"""Reads secrets from files named after their settings, or from a program that asks a vault.

With Docker each container sees its own files in /run/secrets; systemd and a vault's agent can write such a folder
too (SECRETS_FOLDER). SECRETS_COMMAND is a program that prints NAME=value lines.
"""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import NoReturn

FOLDER = Path("/run/secrets")
COMMAND_SECONDS = 30
# The settings such a program may set; never variables that change how a process runs (PATH, LD_PRELOAD).
SECRETS = re.compile(
    r"SECRET_KEY(_FALLBACKS)?|DATA_KEYS|DATABASE_URL|REDIS_URL|EMAIL_URL|SMS_(ACCOUNT|TOKEN|FROM)|VAPID_PRIVATE_KEY"
    r"|METRICS_TOKEN|DB_PASSWORD_[A-Z]+|WATCHDOG_(SMTP_URL|SMS_ACCOUNT|SMS_TOKEN|SMS_FROM)|OUTSIDE_HEARTBEAT_URL"
)


def read_secrets(environment: MutableMapping[str, str] = os.environ, folder: Path = FOLDER) -> None:
    """Put each secret into the environment unless it is set there. Ends the process when the program fails."""
    for name, value in _of_folder(Path(environment.get("SECRETS_FOLDER") or folder)):
        if not environment.get(name):
            environment[name] = value
    # Removed, so that our child processes do not run it again: they inherit the secrets.
    if command := environment.pop("SECRETS_COMMAND", ""):
        for name, value in _of_command(command):
            if not environment.get(name):
                environment[name] = value


def _of_folder(folder: Path) -> Iterator[tuple[str, str]]:
    for place in sorted(folder.iterdir()) if folder.is_dir() else ():
        if place.name.isupper() and place.is_file():
            yield place.name, place.read_text(encoding="utf-8").strip()


def _of_command(command: str) -> Iterator[tuple[str, str]]:
    """Yield the name and value of each line the program prints; errors never quote its output."""
    try:
        said = subprocess.run(  # noqa: S603 - the operator's own command
            shlex.split(command), stdout=subprocess.PIPE, timeout=COMMAND_SECONDS, check=True, text=True
        ).stdout
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        _end(
            f"told no secrets ({type(error).__name__}): it must print NAME=value lines within {COMMAND_SECONDS} s"
        )
    for line in filter(None, map(str.strip, said.splitlines())):
        name, equals, value = line.partition("=")
        if not equals or not SECRETS.fullmatch(name):
            _end("printed a line that is no NAME=value of a secret of ours: .env.example lists the names")
        yield name, value


def _end(words: str) -> NoReturn:
    sys.stderr.write(f"SECRETS_COMMAND {words}.\n")
    raise SystemExit(1)
