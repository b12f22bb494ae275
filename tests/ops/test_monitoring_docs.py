"""What is written about the numbers is true: the table of docs/howto/monitoring.md, and the alarms."""

import re
from datetime import timedelta

import pytest
import yaml
from django.utils import timezone

from alerts.monitoring.measures import Measure
from ops.up import ROOT
from recovery.measures import measures
from recovery.promises import EVERY_PROMISE
from tests.recovery.conftest import NUMB, Send, people, send

__all__ = ["people", "send"]
TABLE = re.compile(r"^\| `(kypho_\w+)` \|(.*?)\| (.+) \|$", re.MULTILINE)
RULES = yaml.safe_load((ROOT / "docs" / "prometheus-alerts.yml").read_text())["groups"][0]["rules"]
# There only once the canary was answered, which no test does.
FROM_THE_FIRST_ANSWER_ON = {"kypho_canary_answered_age_seconds", "kypho_canary_answer_seconds"}


@pytest.fixture
def found(send: Send) -> dict[str, Measure]:
    """Every number, after an urgent log."""
    send(NUMB)
    return {measure.name: measure for measure in measures(timezone.now() + timedelta(seconds=1))}


def test_the_table_names_every_number_with_its_labels_and_help(found: dict[str, Measure]) -> None:
    text = (ROOT / "docs" / "howto" / "monitoring.md").read_text()
    written = {name: (tuple(re.findall(r"`(\w+)`", labels)), words) for name, labels, words in TABLE.findall(text)}
    said = {name: (measure.labels, measure.words) for name, measure in found.items()}
    assert {name: known for name, known in written.items() if name not in FROM_THE_FIRST_ANSWER_ON} == said
    assert written.keys() >= FROM_THE_FIRST_ANSWER_ON


@pytest.mark.parametrize("rule", RULES, ids=[rule["alert"] for rule in RULES])
def test_an_alarm_asks_for_numbers_and_values_that_are_there(
    rule: dict[str, str], found: dict[str, Measure]
) -> None:
    names = set(re.findall(r"kypho_\w+", rule["expr"]))
    assert names <= found.keys() | FROM_THE_FIRST_ANSWER_ON
    for name, value in re.findall(r'(\w+)(?:=~|!~|!=|=)"([^"]+)"', rule["expr"]):
        if name == "job":
            continue
        measure = found[next(iter(names))]
        known = {values[measure.labels.index(name)] for values, _ in measure.samples}
        # Alerts of a tier or process may be away right now; a promise, never.
        if name == "promise":
            assert set(value.split("|")) <= known
        else:
            assert name in measure.labels


def test_every_section_an_alarm_names_is_in_the_runbook() -> None:
    runbook = (ROOT / "docs" / "runbook.md").read_text()
    named = [match for rule in RULES for match in re.findall(r"Runbook: ([\w-]+)", rule["annotations"]["summary"])]
    assert len(named) > 4
    assert [name for name in named if f"## `{name}`" not in runbook] == []


def test_what_only_warns_wakes_nobody_and_all_else_does() -> None:
    warns = {promise.key for promise in EVERY_PROMISE if promise.warning}
    named = {rule["alert"]: set(re.findall(r'"([^"]+)"', rule["expr"])[0].split("|")) for rule in RULES[1:3]}
    assert named == {"KyphoPromiseBroken": warns, "KyphoPromiseWarns": warns}
