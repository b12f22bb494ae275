"""PURE: which locked packages are older than what a lock made on an earlier day would hold.

Beside the standard library only `packaging`, which the tools bring. What asks an index is bin/audit --age.
"""

import re
from collections.abc import Mapping

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

LINE = re.compile(r"^([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)


def locked(text: str) -> dict[str, Version]:
    """What a lock holds, by name. Of two lines for different machines the older counts."""
    found: dict[str, Version] = {}
    for name, version in LINE.findall(text):
        key = canonicalize_name(name)
        found[key] = min(found.get(key, Version(version)), Version(version))
    return found


def behind(ours: Mapping[str, Version], then: Mapping[str, Version]) -> list[str]:
    """In words, each of ours of which a newer release was there then."""
    pairs = [(name, ours[name], then[name]) for name in sorted(ours) if name in then]
    return [f"{name} {own}, while {there} was there" for name, own, there in pairs if own < there]


def freed(text: str, ours: Mapping[str, Version]) -> str:
    """A list of requirements as it would be if nothing but the next major version were held back."""
    lines = []
    for line in text.splitlines():
        if not re.match(r"[A-Za-z0-9]", line):
            continue
        asked = Requirement(line.partition(" #")[0])
        own = ours[canonicalize_name(asked.name)]
        extras = f"[{','.join(sorted(asked.extras))}]" if asked.extras else ""
        # A year as the first number is a date: no release breaks another by it.
        below = "" if own.major > 2000 else f"<{own.major + 1}"
        lines.append(f"{asked.name}{extras}{below}")
    return "\n".join(lines)
