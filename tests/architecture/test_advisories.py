"""A known hole in what is locked fails the checks unless somebody accepted it, with a reason and for a time."""

import json
import re
import subprocess
import sys
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ops.up import ROOT

sys.path.insert(0, str(ROOT / "bin"))

from advisories import Found, judge, read_accepted  # noqa: E402 - beside bin/bootstrap.py

TODAY = date(2026, 3, 1)
HOLE = {"id": "PYSEC-1", "aliases": ["CVE-1", "GHSA-1"], "fix_versions": ["2.1"]}
REPORT = {
    "dependencies": [
        {"name": "sound", "version": "1.0", "vulns": []},
        {"name": "holed", "version": "2.0", "vulns": [HOLE]},
        {"name": "nobody-knows", "skip_reason": "not found"},
    ]
}
WORDS = "holed 2.0: PYSEC-1, mended in 2.1"


def accepted(**changes: Any) -> dict[str, Any]:
    known = {"id": "CVE-1", "package": "holed", "reason": "never called", "since": TODAY, "until": TODAY}
    return {"accepted": [{**known, **changes}]}


def test_a_hole_that_nobody_accepted_counts() -> None:
    assert judge(REPORT, [], TODAY) == Found(2, ["nobody-knows"], [WORDS], [])


@pytest.mark.parametrize("name", ["PYSEC-1", "CVE-1", "GHSA-1"])
def test_an_accepted_hole_is_told_by_any_of_its_names_and_does_not_count(name: str) -> None:
    found = judge(REPORT, read_accepted(accepted(id=name)), TODAY)
    assert (found.holes, found.accepted) == ([], [f"{WORDS}; accepted until 2026-03-01: never called"])


def test_a_hole_is_accepted_for_its_package_and_its_time_alone() -> None:
    assert judge(REPORT, read_accepted(accepted(package="sound")), TODAY).holes == [WORDS]
    later = judge(REPORT, read_accepted(accepted()), date(2026, 3, 2))
    assert later.holes == [f"{WORDS}; accepted until 2026-03-01, which has passed"]


@pytest.mark.parametrize("changes", [{"reason": " "}, {"until": "soon"}, {"since": None}, {"who": "me"}])
def test_a_hole_without_reason_and_dates_is_not_accepted(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="CVE-1"):
        read_accepted(accepted(**changes))


def test_a_report_in_which_nothing_was_looked_up_says_nothing() -> None:
    """An index that knows no advisories looks like "no known holes" to pip-audit itself."""
    assert judge({"dependencies": [{"name": "a", "skip_reason": "not found"}]}, [], TODAY).looked_up == 0
    assert judge({}, [], TODAY).looked_up == 0


def test_what_is_accepted_now_says_why_and_for_at_most_90_days() -> None:
    found = read_accepted(tomllib.loads((ROOT / "docs" / "advisories.toml").read_text()))
    assert [one for one in found if (one.until - one.since).days > 90] == []


def test_the_checks_before_a_landing_scan_what_is_locked() -> None:
    assert re.search(r"^bin/audit$", (ROOT / ".ci" / "run").read_text(), re.MULTILINE)


@pytest.mark.programs
def test_the_list_of_parts_names_every_package_of_the_image(tmp_path: Path) -> None:
    place = tmp_path / "sbom.json"
    done = subprocess.run([ROOT / "bin" / "audit", "--sbom", place], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    listed = json.loads(place.read_text())
    assert (listed["bomFormat"], listed["metadata"]["component"]["name"]) == ("CycloneDX", "kypho-recovery")
    locked = set(re.findall(r"^([\w.-]+)==([\w.]+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE))
    assert locked <= {(part["name"], part["version"]) for part in listed["components"]}
