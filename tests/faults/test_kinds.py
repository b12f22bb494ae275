"""What can go wrong in a run: what a short one leaves out, what a name asks for; the version after this one."""

import ast
import re
from pathlib import Path

import pytest
from django.apps import apps

from alerts.models import Delivery
from faults import next_version
from faults.evidence import Evidence
from faults.kinds import ALONE, LONGER, LONGER_BROKER, database, kinds
from faults.nemesis import schedule
from faults.run import _options

LONG = {fault.name for fault in (*LONGER, *LONGER_BROKER)}
APART = {fault.name for fault in ALONE}


def names(*, longer: bool = False, only: str = "") -> set[str]:
    return {fault.name for fault in kinds(broker=True, longer=longer, only=only)}


def test_a_short_run_leaves_out_what_is_long_and_every_run_what_must_be_alone() -> None:
    assert not names() & (LONG | APART)
    assert names(longer=True) >= LONG
    assert not names(longer=True) & APART


def test_no_two_faults_have_the_same_name() -> None:
    found = [fault.name for fault in kinds(broker=True, longer=True)] + sorted(APART)
    assert len(found) == len(set(found))


@pytest.mark.parametrize("name", sorted(LONG | APART))
def test_each_can_be_had_by_its_name_within_half_a_minute_of_load(name: str) -> None:
    options = _options(["--only", name])
    assert (options.faults, options.seconds, options.logs) == (2, 30.0, 120)
    planned = schedule(1, options.faults, options.seconds, broker=True, only=name)
    assert [fault.name for _, fault in planned] == [name, name]


def test_words_of_several_names_give_each_its_turn_and_what_is_said_wins() -> None:
    several = names(only="locked: ")
    options = _options(["--only", "locked: "])
    assert (options.faults, options.seconds) == (len(several), 12.0 * len(several))
    assert _options(["--only", "locked: ", "--logs", "90", "--faults", "1"]).seconds == 10.0


def test_a_name_that_nothing_has_is_said_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        _options(["--only", "earthquake"])
    assert "no fault has 'earthquake' in its name" in capsys.readouterr().err


def test_every_table_that_is_locked_is_there() -> None:
    known = {model._meta.db_table for model in apps.get_models()}
    assert known >= {*database.BESIDE_SWEEPS, *database.OF_SWEEPS, database.ALERTS}


def test_what_a_receiver_got_is_not_what_a_person_got() -> None:
    page, told = (Delivery(key=f"alert:1:{name}", channel=name) for name in ("email", "webhook"))
    found = Evidence(Path())
    found.events, found.of_alert = {1: []}, {1: [page, told]}
    found.mails = {found.name(told): [{"at": 5.0}]}
    assert found.received(told)
    assert found.first_reached(1) is None
    found.mails[found.name(page)] = [{"at": 7.0}]
    assert found.first_reached(1) == 7.0


def test_the_next_version_is_this_one_with_a_column_more_where_logs_and_alerts_are(tmp_path: Path) -> None:
    place = tmp_path / "next"
    next_version.make(place)
    for app, models in next_version.CHANGED.items():
        (fresh,) = (place / app / "migrations").glob("*_the_version_after.py")
        text = fresh.read_text()
        ast.parse(text)
        assert re.findall(r'AddField\("(\w+)"', text) == [model for _, model in models]
        assert int(fresh.stem[:4]) == len(list((place / app / "migrations").glob("0*.py")))
        for file, model in models:
            source = (place / app / "models" / f"{file}.py").read_text()
            assert next_version.FIELD in source.partition(f"class {model}(")[2].partition("class Meta")[0]
