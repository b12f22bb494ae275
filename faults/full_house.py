"""The promises about an overload run (faults.overload), and whether they were kept."""

from collections.abc import Iterator
from typing import Any

from faults.evidence import Evidence

IN_TIME_SECONDS, IN_TIME_SHARE = 15.0, 0.95
REFUSED_SECONDS, RECOVERED_SECONDS = 1.0, 10.0
Said = tuple[bool, str]


def verdicts(found: Evidence) -> Iterator[Said]:
    """(was it kept, its line in words) for each promise; time limits are multiplied by the machine's slack."""
    slack = found.slack
    urgent = [float(line["seconds"]) for line in _of(found, "urgent")]
    lost = [line for line in found.phones if line["what"] == "lost"]
    share = sum(seconds <= IN_TIME_SECONDS * slack for seconds in urgent) / max(len(urgent) + len(lost), 1)
    yield share >= IN_TIME_SHARE, f"{share:.1%} of {len(urgent)} urgent logs within {IN_TIME_SECONDS:.0f} s"
    yield not lost, f"{len(lost)} urgent logs still not taken a minute after the load"
    refused = sorted(float(line["seconds"]) for line in found.phones if line.get("status") == 503)
    slow = refused[int(len(refused) * 0.99)] if refused else 0.0
    yield slow <= REFUSED_SECONDS * slack, f"told to come again: {len(refused)} times, 99 % within {slow:.2f} s"
    silent = [line for line in (*found.phones, *_of(found, "page")) if line.get("status") == 0]
    yield not silent, f"{len(silent)} requests without any answer"
    ended = next(_of(found, "ended"))["at"]
    bad = [float(line["at"]) - ended for line in _of(found, "page") if line["status"] != 200]
    late = max(bad, default=0.0)
    yield late <= RECOVERED_SECONDS * slack, f"the last page that could not be had: {late:.1f} s after the load"


def in_words(found: Evidence) -> str:
    """How many logs came, how many were taken, and how many a second can be taken, in words."""
    capacity, ended = (next(_of(found, what)) for what in ("capacity", "ended"))
    stored = sum(line["what"] == "stored" for line in found.phones)
    least, came = f"{capacity['logs_a_second']:.0f}", ended["sent"]
    return f"{least} logs a second can be taken; {came} came in a minute, {stored} were taken"


def _of(found: Evidence, what: str) -> Iterator[dict[str, Any]]:
    return (line for line in found.overload if line["what"] == what)
