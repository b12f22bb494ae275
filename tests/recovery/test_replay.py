"""Judging stored logs again: an unchanged replay finds nothing, a changed one finds exactly what changed."""

import json
import re
import shutil
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import InternalError, connection
from django.utils import timezone

from alerts.models import Alert
from patients.models import ClinicOverride
from recovery.management.tried_rulebook import tried_rulebook
from recovery.models import Assessment, DailyLog
from recovery.replay import read_only
from recovery.triage.replay import change, changed_911_rules, judge_again
from recovery.triage.rulebook import load_rulebook
from recovery.triage.rulebook.files import FOLDER
from tests.people import Cast
from tests.recovery.conftest import BREATHLESS, NUMB, Send

NEARLY = {"fever_feel": "yes", "temp_value": 100.2, "temp_unit": "F"}


def run(**options: Any) -> dict[str, Any]:
    """The report as JSON over the days around now."""
    told = StringIO()
    first = (timezone.now() - timedelta(days=2)).date().isoformat()
    call_command("replay_rules", "--from", first, "--json", stdout=told, **options)
    found: dict[str, Any] = json.loads(told.getvalue())
    return found


def written(folder: Path, name: str, old: str = "", new: str = "") -> Path:
    """A folder with one file of the rule book, some words of it changed."""
    text = (FOLDER / name).read_text()
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1) if old else text)
    return folder


def settings_file(folder: Path, **config: Any) -> Path:
    (folder / "changed.json").write_text(json.dumps(config))
    return folder / "changed.json"


def test_unchanged_rules_judge_every_stored_log_as_before(send: Send) -> None:
    for changes in ({}, NUMB, {"pain_move": 8}, NEARLY, BREATHLESS, {"notes": "I passed out"}):
        send(changes)
    found = run()
    assert (found["judged"], found["same"], found["differences"]) == (6, 6, [])
    assert found["facts_with_default"]["logs"] == 0


def test_a_lower_fever_line_makes_a_watch_log_urgent(send: Send, people: Cast, tmp_path: Path) -> None:
    log = send(NEARLY).log
    send()
    found = run(clinic_settings=settings_file(tmp_path, fever_threshold_f=100.0), clinic=people.clinic.code)
    assert found["tiers"] == [{"before": "watch", "after": "call_doctor_now", "logs": 1}]
    [one] = found["differences"]
    assert (one["log"], one["patient"]) == (str(log.code), str(people.patient.code))
    assert (one["direction"], one["gained"], one["lost"]) == ("more_urgent", ["RDN-14"], ["RW-11"])
    assert found["urgent_alerts"]["added"] == 1
    assert found["urgent_alerts"]["added_per_nurse_and_day"] == pytest.approx(1 / 2 / found["days"])
    assert found["watch_items"] == {"added": 0, "removed": 1}


def test_an_alert_that_was_open_already_is_not_counted_as_added(send: Send, tmp_path: Path) -> None:
    send(NUMB)
    send(NEARLY)
    found = run(clinic_settings=settings_file(tmp_path, fever_threshold_f=100.0))
    assert found["changed"] == 1
    assert found["urgent_alerts"]["added"] == 0


def test_what_was_set_for_one_patient_stands_before_the_clinics_number(
    send: Send, people: Cast, tmp_path: Path
) -> None:
    ClinicOverride.objects.create(
        procedure=people.procedure,
        key="fever_threshold_f",
        value=100.1,
        staff=people.physician,
        reason="watched closely",
        set_at=timezone.now(),
    )
    send({"temp_value": 100.2, "temp_unit": "F"})
    found = run(clinic_settings=settings_file(tmp_path, fever_threshold_f=100.9))
    assert found["changed"] == 0


def test_another_clinic_and_another_period_are_left_out(send: Send, people: Cast, tmp_path: Path) -> None:
    send(NEARLY)
    assert run(clinic=people.other_clinic.code)["judged"] == 0
    assert run(last=(timezone.now() - timedelta(days=2)).date())["judged"] == 0


def test_a_weaker_911_rule_is_judged_and_said_first(send: Send, tmp_path: Path) -> None:
    send({"em_gate": "some", "em_chest_pain": "yes"})
    folder = written(tmp_path, "call_911.toml", "em_chest_pain == 'yes'", "em_chest_pain == 'yes' and hours > 999")
    told = StringIO()
    first = (timezone.now() - timedelta(days=2)).date().isoformat()
    call_command("replay_rules", "--from", first, rulebook=folder, stdout=told)
    lines = told.getvalue().splitlines()
    assert lines[0].startswith("!!! THIS RULE BOOK WEAKENS OR CHANGES 911 RULES")
    assert lines[1].startswith("!!! R911-05 has another condition")
    assert "  Call 911 -> On track: 1" in lines


def test_a_911_rule_that_holds_more_often_is_not_called_weaker(tmp_path: Path) -> None:
    now = load_rulebook()
    wider = "em_chest_pain == 'yes' or site_pain_change == 'more'"
    folder = written(tmp_path, "call_911.toml", "\"em_chest_pain == 'yes'", f'"{wider}')
    assert list(changed_911_rules(now, tried_rulebook(folder))) == []
    assert list(changed_911_rules(now, now)) == []


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("'spot' and hours >= 48", "'spot' and hours >= fourty", "watch.toml:: RW-08: there is no fact"),
        ('id = "RW-08"', 'id = "RW-07"', "watch.toml:: RW-07: this rule stands 2 times"),
        ('reason = "Growing bruise."\n', "", "watch.toml:: RW-09: 'reason' is missing"),
        ("[[rule]]", "[[rule", "watch.toml:: is not TOML"),
    ],
)
def test_a_broken_rule_book_is_refused_with_file_rule_and_reason(
    db: None, tmp_path: Path, old: str, new: str, reason: str
) -> None:
    with pytest.raises(CommandError) as refused:
        run(rulebook=written(tmp_path, "watch.toml", old, new))
    # Which line it is moves with the rules above it.
    assert re.sub(r"^watch\.toml:\d+:", "watch.toml::", str(refused.value)).startswith(reason)


def test_a_folder_without_a_rule_file_and_a_strange_file_are_refused(db: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no file here is named like one of"):
        run(rulebook=tmp_path)
    (tmp_path / "wacth.toml").write_text("")
    with pytest.raises(CommandError, match="wacth.toml: is not a file of the rule book"):
        run(rulebook=tmp_path)


def test_a_copy_of_the_whole_folder_is_taken_and_what_judges_nothing_is_named_when_it_differs(
    db: None, tmp_path: Path
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(FOLDER, folder)
    run(rulebook=folder)
    (folder / "settings.toml").write_text("")
    with pytest.raises(CommandError, match="settings.toml: does not change how a log is judged: leave it out"):
        run(rulebook=folder)


@pytest.mark.parametrize("config", ["{", "[]", '{"fever_threshold_f": 120}', '{"nonsense": 1}'])
def test_settings_that_may_not_be_used_are_refused(db: None, tmp_path: Path, config: str) -> None:
    (tmp_path / "changed.json").write_text(config)
    with pytest.raises(CommandError):
        run(clinic_settings=tmp_path / "changed.json")


def test_the_database_itself_refuses_to_store_anything_meanwhile(people: Cast) -> None:
    with pytest.raises(InternalError, match="read-only transaction"), read_only():
        Alert.objects.create(clinic=people.clinic, patient=people.patient, opened_at=timezone.now())


def test_the_command_writes_no_row(send: Send, tmp_path: Path) -> None:
    send(NEARLY)
    counts = (Alert.objects.count(), Assessment.objects.count(), DailyLog.objects.count())
    run(clinic_settings=settings_file(tmp_path, fever_threshold_f=100.0))
    assert counts == (Alert.objects.count(), Assessment.objects.count(), DailyLog.objects.count())
    with connection.cursor() as cursor:
        cursor.execute("SHOW transaction_read_only")
        assert cursor.fetchone() == ("off",)


def rewritten(sent: Any, facts: dict[str, Any], *, unreadable: bool = False) -> None:
    """As an older version, or none, would have left it; only whoever owns the database can."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        Assessment.objects.filter(log=sent.log).update(facts=facts, unreadable=unreadable)
        cursor.execute("SET session_replication_role = DEFAULT")


def test_what_cannot_be_judged_again_is_counted_and_listed(send: Send) -> None:
    first, second = send(NUMB), send(NEARLY)
    rewritten(first, {}, unreadable=True)
    rewritten(second, {"hours": 3})
    found = run()
    assert sum(found["not_judged"].values()) == 2
    assert {one["log"] for one in found["unread"]} == {str(first.log.code), str(second.log.code)}


def test_facts_of_an_older_rule_book_get_defaults_and_are_counted(send: Send) -> None:
    sent = send(NEARLY)
    assert sent.assessment
    facts = {key: value for key, value in sent.assessment.facts.items() if key not in ("mood", "pain_mcid")}
    rewritten(sent, facts)
    found = run()
    assert (found["judged"], found["same"]) == (1, 1)
    assert found["facts_with_default"] == {"logs": 1, "facts": {"mood": 1, "pain_mcid": 1}}


def test_new_danger_words_are_looked_for_in_the_notes(send: Send, tmp_path: Path) -> None:
    send({"notes": "I feel meh"})
    folder = written(tmp_path, "english.toml", "\nweak = [\n", '\nweak = [\n  "feel* meh",')
    assert run(rulebook=folder)["rules_gained"] == {"RDN-25": 1}


def test_no_name_is_printed(send: Send, people: Cast, tmp_path: Path) -> None:
    send(NEARLY)
    told = StringIO()
    place = settings_file(tmp_path, fever_threshold_f=100.0)
    first = (datetime.now(UTC) - timedelta(days=2)).date().isoformat()
    call_command("replay_rules", "--from", first, clinic_settings=place, stdout=told)
    assert str(people.patient.code) in told.getvalue()
    assert people.patient.first_name not in told.getvalue()
    assert people.patient.last_name not in told.getvalue()


def test_stored_facts_stay_as_they_are(send: Send) -> None:
    sent = send(NEARLY)
    assert sent.assessment
    stored, book = sent.assessment.facts, load_rulebook()
    before = json.dumps(stored)
    verdict, _ = judge_again(stored, change(book, book, {"fever_threshold_f": 100.0}), {}, {})
    assert verdict.tier == "call_doctor_now"
    assert json.dumps(stored) == before


def test_danger_words_are_heard_again_past_the_bound_and_in_what_nobody_could_read(
    send: Send, tmp_path: Path
) -> None:
    """The whole of a log is judged again, as it was judged (DailyLog.heard)."""
    folder = written(tmp_path, "english.toml", "\nweak = [\n", '\nweak = [\n  "feel* meh",')
    long = send({"notes": "ok " * 600 + ". I feel meh."}).log
    assert "meh" not in long.answers["notes"]
    unread = send(unread={"pain_site": "I feel meh"}).log
    found = run(rulebook=folder)
    assert {row["log"] for row in found["differences"]} == {str(long.code), str(unread.code)}
    assert {tuple(row["gained"]) for row in found["differences"]} == {("RDN-25",)}
