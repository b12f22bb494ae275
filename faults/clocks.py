"""Clocks that are wrong: each process may have its own, and it may jump while the process runs.

Debian's libfaketime breaks waits by the monotonic clock, so the time of day is bent by thirty lines of our own,
compiled on the spot (clock.c).
"""

import shutil
import struct
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_name("clock.c")
NANOSECONDS = 10**9


class Clocks:
    """One file each for the processes of `names`: what is added to the time of day. On a machine without a C
    compiler `library` is None, and all clocks stay right."""

    def __init__(self, folder: Path, names: tuple[str, ...]) -> None:
        self._folder, self._names = folder / "clocks", names
        self._folder.mkdir(exist_ok=True)
        for name in names:
            place = self._folder / name
            if not place.exists():
                place.write_bytes(bytes(8))
        self.library = self._compiled()

    def environment(self, name: str) -> dict[str, str]:
        """What a process must be started with to have its own clock."""
        if self.library is None or name not in self._names:
            return {}
        return {"LD_PRELOAD": str(self.library), "FAULTS_CLOCK": str(self._folder / name)}

    def set(self, name: str, seconds: float) -> bool:
        """From now on this process's clock is so far ahead (behind: less than 0); False when it has none."""
        if self.library is None:
            return False
        with (self._folder / name).open("r+b") as file:
            file.write(struct.pack("=q", int(seconds * NANOSECONDS)))
        return True

    def _compiled(self) -> Path | None:
        made, compiler = self._folder / "clock.so", shutil.which("cc")
        if made.exists() or not compiler:
            return made if made.exists() else None
        argv = [compiler, "-shared", "-fPIC", "-O2", "-o", str(made), str(SOURCE), "-ldl"]
        done = subprocess.run(argv, capture_output=True)
        return made if done.returncode == 0 else None
