"""Read the ledgers and the rows, check every invariant, print the table.

`python -m faults.checker FOLDER`. FOLDER/run.json describes the run (faults.evidence). Each time limit is
multiplied by how much slower this machine is than a quiet one.
"""

import sys
from collections import Counter
from pathlib import Path

import django

django.setup()

from alerts.failpoints import POINTS  # noqa: E402 - settings first
from faults import clockwork, deadman, full_house, invariants  # noqa: E402
from faults.evidence import Evidence  # noqa: E402
from patients.tiers import URGENT  # noqa: E402

CHECKS: dict[str, invariants.Check] = {
    "I1  logs lost after a 2xx": invariants.lost,
    "I1  logs never answered 2xx": invariants.unanswered,
    "I1  logs that phones were told to forget": invariants.turned_away,
    "I1  logs stored otherwise than sent": invariants.corrupt,
    "I2  logs nobody sent, or double": invariants.unexpected,
    "I3  urgent logs without their alert": invariants.urgent_without_alert,
    "I3  alerts without a log": invariants.alerts_without_log,
    "I4  two active alerts of one patient": invariants.two_alerts_at_once,
    "I5  alerts that reached nobody": invariants.reached_nobody,
    "I6  marked as sent, never received": invariants.phantoms,
    "I7  messages without a row": invariants.strangers,
    "I7  repeats over 10 %": invariants.repeats,
    "I8  active alerts not scheduled": invariants.unarmed,
    "I9  steps later than 15 s": clockwork.late_steps,
    "I10 told after an answer": clockwork.told_after_answer,
    "I11 steps that left somebody out": invariants.half_steps,
    "I12 given up without reason or note": invariants.dead_in_silence,
    "I13 left over after the drain": invariants.left_over,
    "I14 notes missing, double or off": invariants.notes,
    "I15 acts without an access record": invariants.unrecorded_looks,
    "I15 sealed records not as they were": invariants.broken_seals,
    "I16 nobody swept for over 12 s": deadman.never_long,
    "I16 nobody swept, and nobody told": deadman.silence_unnoticed,
    "I16 told so, and somebody swept": deadman.red_without_reason,
    "I17 health data outside": invariants.health_data_outside,
}
SHOWN = 5
P99_SECONDS, MOST_SECONDS, ALERTS_LEAST = 8.0, 15.0, 300
# The goal for p99 without faults, and how much more a run without Redis may take.
QUIET_P99_SECONDS, NO_REDIS_SECONDS = 1.5, 1.5
REQUEST_SECONDS, URGENT_LEAST = 8.0, 0.12


def main(folder: Path) -> int:
    """Print the table; return the exit status: 0 when every line of it is as it should be, else 1."""
    found = Evidence(folder).load()
    bad = 0
    for name, check in CHECKS.items():
        broken = check(found)
        bad += bool(broken)
        print(f"{'ok  ' if not broken else 'FAIL'} {name:<40} {len(broken)}")
        for line in broken[:SHOWN]:
            print(f"       {line}")
    bad += 0 if found.run["only"] else _points(folder, found)
    bad += sum((_urgent(found), _pages(found), _requests(found), _full_house(found)))
    _counts(found)
    print("Nothing was lost." if not bad else f"{bad} lines are not as they should be.")
    return 1 if bad else 0


def _points(folder: Path, found: Evidence) -> bool:
    """Print the fail-points that no process reached; True when a run with faults missed one."""
    hits = folder / "failpoints" / "hits"
    met = Counter(line.split()[1] for line in hits.read_text().splitlines()) if hits.exists() else Counter()
    missed = [point for point in POINTS if point not in met] if found.nemesis else []
    print(f"{'ok  ' if not missed else 'FAIL'} fail-points never met{' ' * 20} {len(missed)} {' '.join(missed)}")
    print(f"     processes killed or held at a fail-point: {sum(met.values())}")
    return bool(missed)


def _urgent(found: Evidence) -> bool:
    """Print the share of urgent logs; True when there were too few for the run to prove anything."""
    urgent = [row for row in found.assessments.values() if row.tier in URGENT]
    share = len(urgent) / max(len(found.logs), 1)
    few = share < URGENT_LEAST
    print(f"{'FAIL' if few else 'ok  '} urgent logs: {len(urgent)} of {len(found.logs)} ({share:.1%})")
    return few


def _pages(found: Evidence) -> bool:
    """Print the times from an urgent log to its first message; True when they miss a goal."""
    waits = clockwork.first_page_seconds(found)
    if not waits:
        print("FAIL no alert reached anybody")
        return True
    p50, p95, p99 = (waits[min(int(len(waits) * share), len(waits) - 1)] for share in (0.5, 0.95, 0.99))
    goal = P99_SECONDS
    if found.run["quiet"]:
        goal = QUIET_P99_SECONDS if found.run["redis"] else QUIET_P99_SECONDS + NO_REDIS_SECONDS
    # With few alerts p99 is the second or third longest wait, which depends on faults that happen to coincide.
    enough = found.run["quiet"] or len(waits) >= ALERTS_LEAST
    if found.overload:
        # Under overload only the intake of logs is promised, so these times are printed and not judged.
        print(f"     red log to first message, seconds: p50 {p50:.2f}  p95 {p95:.2f}  max {waits[-1]:.2f}")
        return False
    slow = (enough and p99 > goal * found.slack) or waits[-1] > MOST_SECONDS * found.slack
    words = f"p50 {p50:.2f}  p95 {p95:.2f}  p99 {p99:.2f}  max {waits[-1]:.2f}  (goal: p99 {goal:.1f})"
    print(f"{'FAIL' if slow else 'ok  '} red log to first message, seconds: {words}")
    return slow


def _requests(found: Evidence) -> bool:
    """Print the requests that took too long; True when there are any, though no answering process was killed."""
    killed = any(line.get("slow") for line in found.nemesis)
    waits = sorted(float(line.get("seconds", 0)) for line in found.phones)
    long = [seconds for seconds in waits if seconds > REQUEST_SECONDS * found.slack]
    words = f"{len(long)}, slowest {waits[-1]:.1f} s"
    print(f"{'    ' if killed else 'FAIL' if long else 'ok  '} requests over {REQUEST_SECONDS:.0f} s: {words}")
    return bool(long) and not killed


def _full_house(found: Evidence) -> int:
    """Print how the product bore an overload run; the number of broken promises (0 for other runs)."""
    if not found.overload:
        return 0
    said = list(full_house.verdicts(found))
    for holds, words in said:
        print(f"{'ok  ' if holds else 'FAIL'} {words}")
    print(f"     {full_house.in_words(found)}")
    return sum(not holds for holds, _ in said)


def _counts(found: Evidence) -> None:
    ends = [line for line in found.nemesis if line["what"] == "ends" and not line["fault"].startswith("kill at ")]
    not_possible = {line["fault"] for line in ends} - {line["fault"] for line in ends if line["worked"]}
    if not_possible:
        print(f"skip could not be done on this machine: {', '.join(sorted(not_possible))}")
    total = sum(len(mails) for mails in found.mails.values())
    refused = [line for line in found.phones if line["what"] == "refused"]
    posts = sum(line["tries"] for line in found.phones if line["what"] == "stored")
    print(
        f"     {len(found.logs)} logs in {posts} posts ({len(refused)} of them unanswered or refused);"
        f" {len(found.alerts)} urgent alerts; {sum(line['worked'] for line in ends)} faults of"
        f" {len({line['fault'] for line in ends})} kinds; longest without a sweep"
        f" {deadman.longest_gap(found).age:.1f} s"
    )
    print(
        f"     {total} messages, {total - len(found.mails)} of them repeats"
        f" ({(total - len(found.mails)) / max(total, 1):.1%}); {found.run['seconds']:.0f} seconds in all;"
        f" machine {found.slack:.1f} times slower than a quiet one"
    )


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
