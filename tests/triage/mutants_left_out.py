"""Wrongs that are not tried: no verdict can show them, and here is why.

(file, kind of wrong or "" for any, a pattern found in the changed lines, the reason).
"""

import re
from collections.abc import Iterable

from tests.triage.mutants import Site

SERVER_ALONE = "what the alerts are told is the server's alone: test_verdict.py and test_latch.py hold it"
HINTS = "hints are for nurses: test_verdict.py holds them"
REASONS = "how long ago it was is for the nurse's reason: test_reasons.py holds it"
READABLE = "a grace over 72 hours is left out before anything is judged: test_readable.py holds it"
HOUR_ZERO = "silence counts from the procedure: a log at hour 0 is the same moment"
CALENDAR = "the last second of the calendar: both sides of it are the same day"
NEWER = "a sign this rule book does not have: test_parity.py asks for it by itself"
NEVER_BOTH = "the two never fire together, so their order is never seen"
ONLY_NAMED = "a verdict names a notice; its words stand in one place"
NO_WORD_OF_BOTH = "no word of the table ends the one mark and begins the other"
NEVER_QUIET = "this sign is always fresh, nothing quiets it whatever its tier; a start refuses another tier"

LEFT_OUT: list[tuple[str, str, str, str]] = [
    ("rulebook.js", ">= swapped", r"^const rose_by=", "no rise is just a millionth under its step"),
    ("rulebook.js", "", r"^const max=", "of two equal numbers either is the higher"),
    ("rulebook.js", "source dropped", r'^\{id:"N-\d+",text:', ONLY_NAMED),
    ("rulebook.js", "message changed", r'^\{id:"N-\d+",text:', ONLY_NAMED),
    ("rulebook.js", "tier changed", r"fresh:f=>true", NEVER_QUIET),
    ("triage.js", "", r"UNKNOWN_SIGN", NEWER),
    ("triage.js", "", r"known\.length \? Math", "the minutes stand beside the verdict: test_phone_module.py"),
    ("triage_facts.js", "", r"inCalendar = ", CALENDAR),
    (
        "triage_facts.js",
        "",
        r"const up = |micro: \(",
        "half a microsecond at midnight: test_parity.py asks for it by itself",
    ),
    ("rulebook.js", "true swapped", r"tier:\"call_911\",fresh", NEVER_QUIET),
    ("signs.toml", "true swapped", r"^fresh = ", "the same as the flag dropped, which is tried"),
    ("rulebook.js", "fresh flag dropped", r"back_new_sudden", "a new tap is worse too: either keeps it loud"),
    ("rulebook.js", "wrong default", r"^(?:site_pain_change|rash):", "no rule asks whether there is none"),
    ("engine.py", "", r"temp_c|worse=|fresh=|er_now|at_once", SERVER_ALONE),
    ("watch.toml", "", r"^hints = ", HINTS),
    ("facts.py", "", r"return float\(phases\[-1\]", "never reached: the last phase has no end"),
    ("priorities.toml", "rows swapped", r"'call_911'.*'call_doctor_now'", NEVER_BOTH),
    ("priorities.toml", "rows swapped", r"'call_doctor_now'\"\n.*'watch'", NEVER_BOTH),
    ("past.py", "", r"_ago\"", REASONS),
    ("facts.py", "off by one", r"^MAX_GRACE_HOURS", READABLE),
    ("rulebook.js", "", r"^atMost:", READABLE),
    ("past.py", ">= swapped", r"heard = ", HOUR_ZERO),
    ("triage_facts.js", ">= swapped", r"heard = ", HOUR_ZERO),
    ("past.py", "off by one", r"_ACK_RANK", "only the order of the answers counts"),
    ("past.py", ">= swapped", r"resting is None", "of two equal numbers either is the higher"),
    ("triage_facts.js", "> swapped", r"const compare", "equal ones keep their order or are the same"),
    ("free_text.js", "", r"^const SENTENCE =", "only the order of the four counts"),
    ("free_text.js", "off by one", r"const sums = \[0\]", "only differences of these sums are asked"),
    ("free_text.js", "", r"const far = hit\.start > first", "where it begins at once it is far from nothing"),
    ("free_text.js", "<= swapped", r"return last <= first", "one place is in its own sentence"),
    ("free_text.js", "< swapped", r'this\.all\("now"\)', NO_WORD_OF_BOTH),
    ("free_text.js", "< swapped", r'this\.all\("me"\)', NO_WORD_OF_BOTH),
    ("free_text.js", "every swapped", r"needed\.every", "only saves time: the whole search finds the same"),
    ("free_text.js", ">= swapped", r"denial\.end >= hit\.end", "where they end together they share that word"),
    ("numbers.py", "", r"strict=", "a valid config has two numbers here"),
    ("notices.toml", "source dropped", r"", ONLY_NAMED),
    ("notices.toml", "message changed", r"", ONLY_NAMED),
    ("signs.toml", "tier changed", r"", NEVER_QUIET),
]
for one, two in (
    ("R911-03", "R911-04"),
    ("RDN-14", "RDN-15"),
    ("RW-01", "RW-02"),
    ("RW-11", "RW-12"),
    ("RW-23", "RW-24"),
    ("RL-03", "RL-04"),
):
    for file in ("call_911.toml", "call_doctor_now.toml", "watch.toml", "latch.toml", "rulebook.js"):
        LEFT_OUT.append((file, "rows swapped", rf'{one}".*{two}"', NEVER_BOTH))


def is_left_out(site: Site, text: str) -> str | None:
    """The reason, or None for a wrong that must be seen."""
    lines = text[text.rfind("\n", 0, site.start) + 1 : text.find("\n", site.end)]
    for file, kind, pattern, why in LEFT_OUT:
        if file == site.file and kind in ("", site.kind) and re.search(pattern, lines, re.DOTALL):
            return why
    return None


def tried(sites: Iterable[Site], texts: dict[str, str]) -> list[Site]:
    """The wrongs that must be seen."""
    return [site for site in sites if is_left_out(site, texts[site.file]) is None]
