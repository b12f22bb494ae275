"""A pytest plugin: an own PostgreSQL and Valkey for the run, up before the settings are read.

With DATABASE_URL or REDIS_URL set, that server is used instead. The workers of a parallel run share what the
first process started; each has its own database (pytest-django) and its own Valkey number.
"""

import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ops.datadir import DataDir
from ops.embedded import running

_ends_with_the_run = ExitStack()

SETTINGS = {
    "SECRET_KEY": "a-key-for-tests-only-a-key-for-tests-only-a-key-for-tests-only",
    "DATA_KEYS": "a-key-for-tests-only-a-key-for-tests-only-0",
    "DEBUG": "0",
    "DEMO": "0",
    # Only its own tests let it fly: everywhere else it would be one log too many.
    "CANARY": "0",
    "HTTPS": "0",
    "PLAIN_STATIC": "1",
    "BASE_URL": "http://testserver",
    "EMAIL_URL": "memorymail://",
    # Making and dropping test databases takes longer than any statement of the product may.
    "DB_STATEMENT_TIMEOUT": "120s",
    # pytest-playwright keeps an event loop in the test's own thread.
    "DJANGO_ALLOW_ASYNC_UNSAFE": "1",
}


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Generator[None, None, None]:
    """Before any other plugin reads the settings: the engines, and the settings of a test run."""
    os.environ.update(SETTINGS)
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if worker:
        number = int(worker.removeprefix("gw")) + 1
        os.environ["REDIS_URL"] = urlsplit(os.environ["REDIS_URL"])._replace(path=f"/{number}").geturl()
    else:
        _start_engines()
    yield


def _start_engines() -> None:
    directory = Path(tempfile.mkdtemp(prefix="kypho-tests-"))
    _ends_with_the_run.callback(shutil.rmtree, directory, ignore_errors=True)
    # PostgreSQL, when root lends it to nobody, must be able to pass.
    directory.chmod(0o711)
    static = directory / "static"
    static.mkdir()
    os.environ.update(DATA_DIR=str(directory), STATIC_ROOT=str(static))
    os.environ["OWN_DATABASE"] = "" if os.environ.get("DATABASE_URL") else "1"
    os.environ.update(_ends_with_the_run.enter_context(running(DataDir(directory), os.environ, throwaway=True)))


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """After the databases of the run are gone, stop what was started."""
    _ends_with_the_run.close()
