"""Prepares the database and the static files for this version: run once before the processes start.

Prints how to sign in to a demo, or what a real installation still lacks. All of it may run again at any time.
`python -m ops.prepare static` prepares only the files, for building an image without a database.
"""

import os
import sys
from pathlib import Path

import django
import psycopg2
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command, get_commands
from django.db import OperationalError
from django.utils.module_loading import import_string

from config.secret_files import read_secrets
from config.static_files import MARKER, are_current, fingerprint
from ops import roles
from ops.child import Failure
from ops.hints import hints
from ops.roles import as_role, said_passwords
from ops.wrong_settings import wrong_settings
from patients.vault.keys import NOT_SET
from patients.wall.roles import OWNER


def main(arguments: list[str]) -> int:
    """Migrate, collect static files if they changed, fill a demo with its patients; returns the exit status."""
    read_secrets()
    administrator, passwords = os.environ.get("DATABASE_URL", ""), said_passwords(os.environ)
    if administrator and passwords.get(OWNER.name):
        os.environ["DATABASE_URL"] = as_role(administrator, OWNER, passwords[OWNER.name])
    if found := _wrong():
        sys.stdout.write("\n".join(found) + "\n")
        return 1
    _collect_static()
    if arguments == ["static"]:
        return 0
    if not settings.DATA_KEYS:
        sys.stdout.write(f"{NOT_SET}\n")
        return 1
    try:
        if administrator:
            roles.refuse_old_processes(administrator)
            roles.prepare(administrator, passwords)
        # Checks demo or real before the first row changes; below it writes the kind, once its table exists.
        call_command("settle_installation", look=True)
        call_command("migrate", interactive=False, verbosity=0)
        if administrator:
            roles.own(administrator)
            roles.let_sign(administrator, settings.WALL_SECRET)
        call_command("settle_installation")
        # Before any process writes a secret: locked with another key, the other processes could not open it.
        call_command("rotate_keys", at_start=True)
        # Checks whether this database was restored from a backup, before anyone can sign in.
        call_command("restored", verbosity=0)
    except (CommandError, Failure) as error:
        sys.stdout.write(f"{error}\n")
        return 1
    except (OperationalError, psycopg2.OperationalError) as error:
        why = str(error).strip().splitlines()[0]
        sys.stdout.write(f"{why} (does PostgreSQL run there, and is DATABASE_URL right?)\n")
        return 1
    if settings.DEMO and "seed_demo" in get_commands():
        call_command("seed_demo", verbosity=0)
        call_command("seed_demo", sign_ins=True)
    sys.stdout.writelines(f"{hint}\n" for hint in hints())
    return 0


def _wrong() -> list[str]:
    """Return what is wrong with the settings; with Docker this is the first check of them."""
    if found := wrong_settings(os.environ):
        return found
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        django.setup()
        import_string(settings.SMS_BACKEND)
    except ImproperlyConfigured as error:
        return [str(error)]
    except ImportError as error:
        return [f"SMS_BACKEND names no class that can be loaded: {error}."]
    return []


def _collect_static() -> None:
    if settings.WHITENOISE_USE_FINDERS:
        return  # WhiteNoise serves them from the source folders
    collected = Path(settings.STATIC_ROOT)
    if not are_current(settings.BASE_DIR, collected):
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        (collected / MARKER).write_text(fingerprint(settings.BASE_DIR))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
