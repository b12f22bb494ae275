"""Make the database and the static files ready for this version: run once before the processes start.

Prints, for a demo, how to sign in; else what is still missing. Everything here may run again at any time.
`python -m ops.prepare static` does the files alone, where an image is built without a database.
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
    """Migrate, collect static files if they changed, seed a demo; the exit status."""
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
        # Before the first row is touched; and again below, when there is a table to write it in.
        call_command("settle_installation", look=True)
        call_command("migrate", interactive=False, verbosity=0)
        if administrator:
            roles.own(administrator)
            roles.let_sign(administrator, settings.WALL_SECRET)
        call_command("settle_installation")
        # Before anybody writes a secret: with another key it would be one that the rest cannot open.
        call_command("rotate_keys", at_start=True)
        # Before anybody is let in: was this database restored from a backup?
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
    """What is wrong with the settings; with Docker nothing has asked before."""
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
        return  # served from where they lie
    collected = Path(settings.STATIC_ROOT)
    if not are_current(settings.BASE_DIR, collected):
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        (collected / MARKER).write_text(fingerprint(settings.BASE_DIR))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
