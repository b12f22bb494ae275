"""Make the database and the static files ready for this version: run once before the processes start.

Prints, for a demo, how to sign in. Everything here may run again at any time.
"""

import hashlib
import os
import sys
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command, get_commands
from django.db import OperationalError


def main() -> int:
    """Migrate, collect static files if they changed, seed a demo; the exit status."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    try:
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
    except OperationalError as error:
        sys.stdout.write(f"{str(error).strip().splitlines()[0]}\n")
        return 1
    _collect_static()
    if settings.DEMO and "seed_demo" in get_commands():
        call_command("seed_demo", verbosity=0)
        call_command("seed_demo", sign_ins=True)
    return 0


def _collect_static() -> None:
    root = Path(settings.STATIC_ROOT)
    marker = root / "collected-from"
    now = _fingerprint()
    if marker.exists() and marker.read_text() == now:
        return
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    root.mkdir(parents=True, exist_ok=True)
    marker.write_text(now)


def _fingerprint() -> str:
    """Changes when one of our static files does, or a library that brings some."""
    digest = hashlib.sha256((settings.BASE_DIR / "requirements.lock").read_bytes())
    for directory in settings.STATICFILES_DIRS:
        for place in sorted(Path(directory).rglob("*")):
            found = place.stat()
            digest.update(f"{place}\0{found.st_mtime_ns}\0{found.st_size}\n".encode())
    return digest.hexdigest()


if __name__ == "__main__":
    sys.exit(main())
