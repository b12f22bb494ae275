"""A throwaway PostgreSQL and Valkey with the product's tables, up as soon as this is imported, gone at the end."""

import atexit
import os
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path

import django
from django.core.management import call_command

from ops import roles
from ops.datadir import DataDir
from ops.embedded import running
from tests.engines import SETTINGS

_stack = ExitStack()
atexit.register(_stack.close)
_folder = Path(tempfile.mkdtemp(prefix="kypho-bench-"))
_stack.callback(shutil.rmtree, _folder, ignore_errors=True)
_folder.chmod(0o711)
_static = _folder / "static"
_static.mkdir()
os.environ.update(SETTINGS, DATA_DIR=str(_folder), STATIC_ROOT=str(_static))
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
os.environ.update(_stack.enter_context(running(DataDir(_folder), {}, throwaway=True)))
django.setup()
call_command("migrate", verbosity=0)
roles.own(os.environ["DATABASE_URL"])
roles.let_sign(os.environ["DATABASE_URL"], os.environ["SECRET_KEY"])
