"""Every sweep walks its rows by the one mechanism: a new one that does not is found here."""

import ast
import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from alerts.clock import db_now
from alerts.sweeping import one_by_one
from alerts.sweeping.one_by_one import Work
from config.celery import app
from recovery.management.commands.watchdog import SWEEPS
from recovery.sweeps import EVERY_WORK

ROOT = Path(__file__).resolve().parents[2]
APPS = ("alerts", "recovery", "patients")
# Tasks that go over no rows of people, and why.
NO_ROWS = {
    "alerts.forget_old_sessions": "one DELETE statement",
    "recovery.forget_sheets": "DELETE of whole files; no row is read by our code",
    "recovery.take_out_envelopes": "two UPDATE statements; no row is read",
}
# Where rows are claimed, beside the mechanism: whole sets in one statement, in which no row is read by our code.
CLAIMS = {
    "alerts/messaging/outbox.py": "claim_due: ids and one UPDATE; the dispatcher handles them, one by one",
    "alerts/lifecycle/escalation.py": "catch_up: ids and one UPDATE; _advance: called by the walk",
    "recovery/journey/digest.py": "_handle_one: called by the walk",
    "recovery/journey/call_backs.py": "_notice_one: called by the walk",
    "recovery/journey/turns.py": "_tell_one: called by the walk",
    "recovery/journey/travels.py": "_end_one: called by the walk",
    "recovery/care_plan/refresh.py": "_refresh_one: called by the walk",
    "recovery/care_plan/sending.py": "_send_one: called by the walk",
    "patients/services/jobs.py": "step: called by the walk, and once by the page that starts a job",
    "recovery/logs/sealed.py": "_open_one: called by the walk",
}


def modules() -> Iterator[Path]:
    for name in APPS:
        yield from sorted((ROOT / name).rglob("*.py"))


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def test_every_kind_of_work_that_is_defined_is_in_the_list() -> None:
    defined: dict[str, Work] = {}
    for path in modules():
        if "Sweep(" in path.read_text() or "Work(" in path.read_text():
            for value in vars(importlib.import_module(dotted(path))).values():
                if isinstance(value, Work):
                    defined[value.name] = value
    assert defined == {work.name: work for work in EVERY_WORK}


def test_rows_are_claimed_nowhere_else() -> None:
    found = {str(path.relative_to(ROOT)) for path in modules() if "skip_locked=True" in path.read_text()}
    assert found == CLAIMS.keys()


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted({entry["task"] for entry in app.conf.beat_schedule.values()}))
def test_every_task_walks(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    app.loader.import_default_modules()
    walked = watched(monkeypatch)
    app.tasks[name].run()
    assert bool(walked) != (name in NO_ROWS), walked


@pytest.mark.django_db
@pytest.mark.parametrize("sweep", SWEEPS, ids=lambda sweep: sweep.__name__)
def test_every_sweep_of_the_watchdog_walks(sweep: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    walked = watched(monkeypatch)
    sweep(db_now())
    assert walked


def watched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the work that asks for what it has set aside: whoever walks does."""
    walked: list[str] = []
    known = one_by_one._known

    def noted(work: Work) -> Any:
        walked.append(work.name)
        return known(work)

    monkeypatch.setattr(one_by_one, "_known", noted)
    return walked


def test_no_sweep_hides_an_error_of_a_row_by_itself() -> None:
    """Inside the functions that a walk calls nothing catches everything: the walk does, and writes it down."""
    handlers = [work.handle for work in EVERY_WORK if isinstance(work, one_by_one.Sweep)]
    for handler in handlers:
        tree = ast.parse(inspect.getsource(handler).strip())
        assert not [node for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler)], handler
