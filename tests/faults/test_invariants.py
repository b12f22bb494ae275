"""How a run is judged: what phones were answered."""

from pathlib import Path
from typing import Any

from faults.evidence import Evidence
from faults.invariants import NEVER_AGAIN, turned_away, unanswered

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


def test_phones_give_up_after_the_same_answers() -> None:
    assert f"const REFUSED = {list(NEVER_AGAIN)};" in (ROOT / "static/js/offline.js").read_text()
