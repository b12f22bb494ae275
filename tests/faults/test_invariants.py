"""How a run is judged: what phones were answered."""

from pathlib import Path
from typing import Any

import pytest

from faults.evidence import Evidence
from faults.full_house import verdicts
from faults.invariants import NEVER_AGAIN, turned_away, unanswered
from faults.overload import AGAIN_SECONDS

ROOT = Path(__file__).resolve().parents[2]


def line(what: str, **more: Any) -> dict[str, Any]:
    return {"what": what, "client_id": "a", "words": "w", **more}


def test_a_good_log_that_is_called_bad_is_told() -> None:
    sent, stored = line("sent"), line("stored")
    away = [line("refused", status=status) for status in (0, 502, 503)]
    assert turned_away(Evidence(Path(), phones=[sent, *away, stored])) == []
    assert turned_away(Evidence(Path(), phones=[sent, line("refused", status=400), stored])) == ["a: 400"]


def test_a_log_without_an_answer_is_told() -> None:
    assert unanswered(Evidence(Path(), phones=[line("sent"), line("stored", words="others")])) == ["a"]


def test_a_calm_log_that_its_phone_still_keeps_is_not_lost() -> None:
    assert unanswered(Evidence(Path(), phones=[line("sent"), line("kept")])) == []


def test_phones_come_again_as_ours_do() -> None:
    script = (ROOT / "static/js/offline.js").read_text()
    for urgent, name in ((True, "URGENT_AGAIN_MS"), (False, "AGAIN_MS")):
        waits = [seconds * 1000 for seconds in AGAIN_SECONDS[urgent]]
        assert f"const {name} = {waits};" in script


def load(*lines: dict[str, Any], **more: Any) -> Evidence:
    known = [{"what": "ended", "at": 100.0, "sent": 9}, {"what": "capacity", "logs_a_second": 3}]
    return Evidence(Path(), overload=[*known, *lines], **more)


URGENT_LOG = {"what": "urgent", "seconds": 14.0}
PAGE = {"what": "page", "at": 109.0, "status": 503}


@pytest.mark.parametrize(
    ("found", "broken"),
    [
        (load(URGENT_LOG), []),
        (load(*[URGENT_LOG] * 19, {**URGENT_LOG, "seconds": 16.0}), []),
        (load(*[URGENT_LOG] * 18, *[{**URGENT_LOG, "seconds": 16.0}] * 2), [0]),
        (load(URGENT_LOG, phones=[line("lost")]), [0, 1]),
        (load(URGENT_LOG, phones=[line("refused", status=503, seconds=1.2)]), [2]),
        (load(URGENT_LOG, phones=[line("refused", status=0, seconds=15.0)]), [3]),
        (load(URGENT_LOG, {**PAGE, "status": 0, "at": 90.0}), [3]),
        (load(URGENT_LOG, PAGE), []),
        (load(URGENT_LOG, {**PAGE, "at": 111.0}), [4]),
        (load(URGENT_LOG, {**PAGE, "at": 111.0}, run={"slack": 2.0}), []),
    ],
)
def test_a_house_that_broke_under_load_is_told(found: Evidence, broken: list[int]) -> None:
    assert [place for place, (holds, _) in enumerate(verdicts(found)) if not holds] == broken


def test_phones_give_up_after_the_same_answers() -> None:
    assert f"const REFUSED = {list(NEVER_AGAIN)};" in (ROOT / "static/js/offline.js").read_text()
