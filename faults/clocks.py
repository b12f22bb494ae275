"""Wrong clocks: each process may have its own, and it may jump while the process runs.

Debian's libfaketime breaks waits that use the monotonic clock, so thirty lines of our own (clock.c), compiled for
each run, shift only the time of day.
"""

import shutil
import struct
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_name("clock.c")
NANOSECONDS = 10**9


class Clocks:
    """The clocks of the processes in `names`: one file each holds what is added to its time of day.

    On a machine without a C compiler `library` is None, and all clocks stay right.
    """

    def __init__(self, folder: Path, names: tuple[str, ...]) -> None:
        self._folder, self._names = folder / "clocks", names
        self._folder.mkdir(exist_ok=True)
        for name in names:
            place = self._folder / name
            if not place.exists():
                place.write_bytes(bytes(8))
        self.library = self._compiled()

    def environment(self, name: str) -> dict[str, str]:
        """The environment variables that give a process its own clock; empty when it has none."""
        if self.library is None or name not in self._names:
            return {}
        return {"LD_PRELOAD": str(self.library), "FAULTS_CLOCK": str(self._folder / name)}

    def set(self, name: str, seconds: float) -> bool:
        """Set this process's clock so many seconds ahead (negative: behind); False when it has none of its own."""
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
