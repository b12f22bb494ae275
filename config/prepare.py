"""Make the database and the static files ready for this version: run once before the processes start.

Prints, for a demo, how to sign in. Everything here may run again at any time. `python -m config.prepare static`
does the files alone, where an image is built without a database.
"""

import os
import sys
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command, get_commands
from django.db import OperationalError

from config.static_files import MARKER, are_current, fingerprint


def main(arguments: list[str]) -> int:
    """Migrate, collect static files if they changed, seed a demo; the exit status."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    _collect_static()
    if arguments == ["static"]:
        return 0
    try:
        call_command("migrate", interactive=False, verbosity=0)
        # Before anybody is let in: was this database put back from a copy?
        call_command("restored", verbosity=0)
    except OperationalError as error:
        sys.stdout.write(f"{str(error).strip().splitlines()[0]}\n")
        return 1
    if settings.DEMO and "seed_demo" in get_commands():
        call_command("seed_demo", verbosity=0)
        call_command("seed_demo", sign_ins=True)
    return 0


def _collect_static() -> None:
    if settings.WHITENOISE_USE_FINDERS:
        return  # served from where they lie
    collected = Path(settings.STATIC_ROOT)
    if not are_current(settings.BASE_DIR, collected):
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        (collected / MARKER).write_text(fingerprint(settings.BASE_DIR))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
