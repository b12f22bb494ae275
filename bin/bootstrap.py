"""What bin/up, bin/test and bin/manage share: a Python that is new enough, and .venv from a hash-locked list.

Standard library only: nothing is installed yet when this runs.
"""

import sys

OLDEST = (3, 11)
COMMAND = sys.argv[0]
if sys.version_info < OLDEST:
    sys.exit("%s: Python 3.11 or newer is needed, this is %d.%d" % (COMMAND, *sys.version_info[:2]))  # noqa: UP031

import fcntl  # noqa: E402 - the line above must speak before anything newer is read
import hashlib  # noqa: E402
import importlib.util  # noqa: E402
import os  # noqa: E402
import re  # noqa: E402
import shutil  # noqa: E402
import signal  # noqa: E402
import subprocess  # noqa: E402
from collections.abc import Sequence  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import NoReturn  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed"
# The product with servers of its own; an image holds the leaner requirements.lock.
RUN = "requirements-embedded.lock"
# The longer list holds every line of the shorter one.
DEVELOP = "requirements-dev.lock"
# A look at some of what a whole .venv holds: the rest was installed in the same step.
HELD = ("django", "celery", "granian", "psycopg2", "redis", "allauth", "environ", "whitenoise")
# Ctrl-C ends an installation without a page of Python.
signal.signal(signal.SIGINT, signal.SIG_DFL)


def fail(line: str) -> NoReturn:
    """Say one line and end with status 1."""
    sys.stderr.write(f"{COMMAND}: {line}\n")
    sys.exit(1)


def say(line: str) -> None:
    """A line of ours. Never on standard output: that belongs to the command."""
    sys.stderr.write(f"{line}\n")


def enter(lock: str) -> None:
    """Return inside .venv with everything of the lock installed; outside it, start the same command there."""
    _install(lock)
    # Every process of ours reads what the first one compiled; without this each start compiles all of it again.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if Path(sys.prefix).resolve() != VENV.resolve():
        try:
            os.execv(PYTHON, [str(PYTHON), *sys.argv])
        except OSError as error:
            fail(f"{PYTHON} cannot be run ({error.strerror}): delete .venv and start again")
    if not (VENV / "lib" / "python{}.{}".format(*sys.version_info[:2])).exists():
        fail(".venv was made by another Python: delete .venv and start again")
    for name in HELD:
        if importlib.util.find_spec(name) is None:
            fail(f"{name} is missing from .venv: delete .venv and start again")
    sys.path.insert(0, str(ROOT))


def read_dotenv() -> None:
    """Take the settings in .env, if there is one; what the environment already says wins."""
    place = ROOT / ".env"
    try:
        text = place.read_text(encoding="utf-8") if place.exists() else ""
    except (OSError, UnicodeDecodeError):
        fail(f"{place} cannot be read: it must be a plain text file, and yours")
    unknown = []
    for line in text.splitlines():
        name, equals, value = line.removeprefix("export ").partition("=")
        if equals and not name.lstrip().startswith("#"):
            os.environ.setdefault(name.strip(), _unquoted(value.strip()))
            unknown += [name.strip()]
    _say_unknown(unknown)


def _unquoted(value: str) -> str:
    """Without the words behind it, and without quotation marks around the whole of it."""
    quoted = re.fullmatch(r"""(["'])(.*?)\1(\s+#.*)?""", value)
    return quoted[2] if quoted else value.partition(" #")[0].strip()


def _say_unknown(names: Sequence[str]) -> None:
    """A name that is misspelt sets nothing, and nobody would notice before it is needed."""
    listed = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    known = {line.lstrip("#").partition("=")[0] for line in listed}
    for name in names:
        if name not in known:
            say(f".env: {name} is none of our settings: is it misspelt? .env.example lists all.")


def _install(lock: str) -> None:
    if _is_installed(lock):
        return
    with (ROOT / RUN).open() as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if _is_installed(lock):
            return
        say(f"Installing {lock} into .venv (once; well under a minute).")
        STAMP.unlink(missing_ok=True)
        _make_venv()
        _install_lock(lock)
        STAMP.write_text(f"{_digest(lock)}\n{_digest(RUN)}\n")


def _is_installed(lock: str) -> bool:
    return PYTHON.exists() and STAMP.exists() and _digest(lock) in STAMP.read_text().split()


def _digest(lock: str) -> str:
    return hashlib.sha256((ROOT / lock).read_bytes()).hexdigest()


def _make_venv() -> None:
    if PYTHON.exists() and _run([str(PYTHON), "-m", "pip", "--version"]).returncode == 0:
        return
    if importlib.util.find_spec("ensurepip") is None and not install_debian("python3-venv"):
        fail("Python's venv module is missing: install it with `apt-get install python3-venv`")
    _or_fail([sys.executable, "-m", "venv", "--clear", str(VENV)], "the virtual environment .venv cannot be made")


def _install_lock(lock: str) -> None:
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
    uv = [str(VENV / "bin" / "uv"), "pip", "install", "--quiet", "--python", str(PYTHON), "--require-hashes"]
    has_uv = _run([*pip, "--requirement", str(ROOT / "bin" / "uv.lock")]).returncode == 0
    if has_uv and _run([*uv, "--requirement", str(ROOT / lock)]).returncode == 0:
        return
    _or_fail([*pip, "--requirement", str(ROOT / lock)], f"{lock} cannot be installed")


def _run(argv: Sequence[str], env: dict[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(argv, env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL)


def _or_fail(argv: Sequence[str], line: str) -> None:
    done = _run(argv)
    if done.returncode != 0:
        reasons = [text.strip() for text in (done.stderr + done.stdout).splitlines() if text.strip()]
        fail(f"{line}: {(reasons or ['no reason given'])[-1]}")


def install_debian(package: str) -> bool:
    """Install one Debian package if we are root on a machine with apt-get; whether it is there now."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    say(f"Installing Debian's {package}.")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    _run(["apt-get", "update"], quiet)
    return _run(["apt-get", "install", "--yes", "--no-install-recommends", package], quiet).returncode == 0
