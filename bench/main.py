"""`bin/bench [NAMES]`: measure by name, print goal, gate and figure; --json FILE keeps the figures.

submit submit-form submit-urgent worklist search today chart: beside a bare Django view, in one run.
page-weight: what the log weighs on the line of a running demo (--at URL), and how soon it is seen.
"""

import argparse
import importlib
import json
from pathlib import Path

REQUESTS = ("submit", "submit-form", "submit-urgent", "worklist", "search", "today", "chart")
# (slices of each target, seconds of one, people beside the rows of the worklist)
WHOLE, QUICK = (12, 1.0, 2000), (3, 0.7, 200)


def main(arguments: list[str]) -> int:
    """The exit status: 1 when a gate is not met."""
    parser = argparse.ArgumentParser(
        prog="bin/bench", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("names", nargs="*", choices=[[], *REQUESTS, "page-weight"], metavar="NAME")
    parser.add_argument("--quick", action="store_true", help="under half a minute each, for a look")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--at", default="http://localhost:8000", help="the demo that page-weight asks")
    given = parser.parse_args(arguments)
    if given.names == ["page-weight"]:
        return int(importlib.import_module("bench.page_weight").weigh(given.at))
    # Starts PostgreSQL, so that the models can be imported.
    importlib.import_module("bench.database")
    requests = importlib.import_module("bench.requests")
    slices, seconds, others = QUICK if given.quick else WHOLE
    names = [name for name in REQUESTS if name in given.names or not given.names]
    found = requests.measure(names, slices=slices, seconds=seconds, others=others)
    lines = requests.report(found)
    print("\n".join(lines))
    if given.json:
        given.json.write_text(json.dumps(found, indent=1) + "\n")
    return int(any(requests.NOT_MET in line for line in lines))
