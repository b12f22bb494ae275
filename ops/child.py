"""Starts and stops our processes: each has a process group of its own and ends with its parent."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

ON_LINUX = sys.platform == "linux"
_LIBC = ctypes.CDLL(None, use_errno=True) if ON_LINUX else None
_PR_SET_PDEATHSIG, _PR_SET_SECUREBITS, _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE = 1, 28, 47, 2
_NO_SETUID_FIXUP = 1 << 2
_CAP_DAC_OVERRIDE = 1
_CAPABILITY_VERSION_3 = 0x20080522


class Failure(Exception):
    """An error that an operator can correct. Its text is the one line they read."""


@dataclass(frozen=True)
class Account:
    """The account a child runs under. `reach`: it may enter directories that only root can open."""

    uid: int
    gid: int
    reach: bool = False


@dataclass(frozen=True)
class Program:
    """A program to run, and how to stop it. Programs of higher waves stop first."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    wave: int = 2
    stop_signal: int = signal.SIGTERM
    stop_seconds: float = 12
    pass_fds: tuple[int, ...] = ()
    account: Account | None = None
    # Its nice value: how much it gives way when the machine is overloaded.
    gives_way: int = 0
    # The socket it makes. A socket left by a killed process would keep the next one from starting.
    makes: Path | None = None


def spawn(
    program: Program, *, stdout: int | IO[bytes], stderr: int | None = subprocess.STDOUT
) -> "subprocess.Popen[bytes]":
    """Start the program in its own session; raises Failure when it cannot be run. `stderr` None: use ours.

    Call it from the main thread: the kernel ties the child's life to the thread that made it.
    """
    if program.makes:
        program.makes.unlink(missing_ok=True)
    try:
        return subprocess.Popen(  # noqa: S603 - the arguments are ours
            program.argv,
            env=dict(program.env),
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            pass_fds=program.pass_fds,
            start_new_session=True,
            preexec_fn=_before_exec(program),
        )
    except OSError as error:
        raise Failure(f"{program.name} cannot be run: {error.strerror}: {program.argv[0]}") from error
    except subprocess.SubprocessError as error:
        raise Failure(
            f"{program.name} does not run as root, and this machine lets us become nobody else:"
            " start as an ordinary user"
        ) from error


def ask_to_stop(process: "subprocess.Popen[bytes]", program: Program) -> None:
    """Send the program's own stop signal; does nothing when the process is already gone."""
    with suppress(ProcessLookupError):
        process.send_signal(program.stop_signal)


def end_group(process: "subprocess.Popen[bytes]") -> None:
    """Kill what is left of the process and of everything it started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _before_exec(program: Program) -> Callable[[], None]:
    parent, account = os.getpid(), program.account

    def in_the_child() -> None:
        os.nice(program.gives_way)
        if account is not None:
            _become(account)
        if _LIBC is not None:
            # This comes last, because changing the account clears it. If the parent died before this line, the
            # kernel sends no signal, so we check.
            _LIBC.prctl(_PR_SET_PDEATHSIG, program.stop_signal, 0, 0, 0)
            if os.getppid() != parent:
                os._exit(1)

    return in_the_child


def _become(account: Account) -> None:
    if account.reach and _LIBC is not None:
        # Capabilities then survive the change of account, and access(2), which initdb asks first, counts them.
        _LIBC.prctl(_PR_SET_SECUREBITS, _NO_SETUID_FIXUP, 0, 0, 0)
    os.setgroups([])
    os.setresgid(account.gid, account.gid, account.gid)
    os.setresuid(account.uid, account.uid, account.uid)
    if account.reach and _LIBC is not None:
        _keep_reach(_LIBC)


def _keep_reach(libc: ctypes.CDLL) -> None:
    """Keep the right to enter closed directories, so that PostgreSQL finds its files in a checkout under /root."""
    bit = 1 << _CAP_DAC_OVERRIDE
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    # Effective, permitted, inheritable; then their high words. All other capabilities are given up.
    wanted = (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0)
    libc.capset(header, wanted)
    libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, _CAP_DAC_OVERRIDE, 0, 0)
