"""What was written down and sealed can not be changed, removed or slipped in without a trace (I15)."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from alerts.clock import db_now
from alerts.integrity import seals
from alerts.integrity.seals import EVENTS, LOOKS
from alerts.models import Delivery, ProcessBeat, Seal
from alerts.monitoring.promises.records import changed, not_sealed
from alerts.monitoring.sweep import sweep
from faults.evidence import Evidence
from faults.invariants import broken_seals
from patients.models import AccessEvent
from recovery.sealed_records import EVERY_TRAIL, LOGS, seal_and_check
from tests.people import Cast
from tests.recovery.conftest import NUMB, Send


def look(people: Cast, action: str = "opened the chart") -> AccessEvent:
    nurse = people.nurse
    return AccessEvent.objects.create(at=db_now(), actor=nurse.user, patient=people.patient, action=action)


def behind_the_back(statement: str, *values: object) -> None:
    """As whoever owns the database can."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement, values)
        cursor.execute("SET session_replication_role = DEFAULT")


@pytest.fixture
def sealed(people: Cast) -> list[AccessEvent]:
    """Two seals over three looks each."""
    rows = []
    for _ in range(2):
        rows += [look(people) for _ in range(3)]
        assert seals.seal(LOOKS, db_now())
    return rows


def broken() -> list[str]:
    return [str(row) for row in seals.check(EVERY_TRAIL, db_now())]


def test_what_is_as_it_was_stays_whole_and_nothing_is_sealed_twice(sealed: list[AccessEvent]) -> None:
    assert seals.seal(LOOKS, db_now()) is None
    assert [(row.number, row.rows) for row in Seal.objects.order_by("number")] == [(1, 3), (2, 3)]
    assert broken() == []


@pytest.mark.parametrize(
    "tamper",
    [
        lambda rows: behind_the_back("UPDATE patients_accessevent SET action = %s WHERE id = %s", "x", rows[1].pk),
        lambda rows: behind_the_back(
            "UPDATE patients_accessevent SET at = at + interval '1 microsecond' WHERE id = %s", rows[1].pk
        ),
        lambda rows: behind_the_back("DELETE FROM patients_accessevent WHERE id = %s", rows[2].pk),
        lambda rows: behind_the_back("UPDATE patients_accessevent SET id = -id WHERE id = %s", rows[0].pk),
    ],
    ids=["changed", "a microsecond later", "removed", "moved away"],
)
def test_a_row_changed_or_removed_breaks_its_seal_alone(
    sealed: list[AccessEvent], tamper: Callable[[list[AccessEvent]], None]
) -> None:
    tamper(sealed)
    assert broken() == ["looks 1"]
    assert [(one.what, one.ref) for one in changed(db_now(), None)] == [("seal", "looks 1")]


def test_a_row_slipped_in_breaks_the_seal(people: Cast) -> None:
    first = look(people)
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(pg_get_serial_sequence('patients_accessevent', 'id'), %s)", [first.pk + 5])
    look(people)
    seals.seal(LOOKS, db_now())
    forged = AccessEvent.objects.get(pk=first.pk)
    forged.pk = first.pk + 3
    forged.save(force_insert=True)
    assert broken() == ["looks 1"]


@pytest.mark.parametrize(
    "statement",
    ["UPDATE alerts_seal SET hash = 'f' WHERE number = 1", "DELETE FROM alerts_seal WHERE number = 1"],
)
def test_a_seal_changed_or_removed_breaks_the_next(sealed: list[AccessEvent], statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
    assert "looks 2" in broken()


def test_numbers_that_were_left_out_and_many_rows_make_no_empty_seals(
    people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seals, "MOST_ROWS", 2)
    look(people)
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(pg_get_serial_sequence('patients_accessevent', 'id'), 1000000000000)")
    for _ in range(4):
        look(people)
    while seals.seal(LOOKS, db_now()):
        pass
    assert [row.rows for row in Seal.objects.order_by("number")] == [2, 2, 1]
    assert broken() == []


def test_what_is_put_right_again_is_whole_again(sealed: list[AccessEvent]) -> None:
    behind_the_back("UPDATE patients_accessevent SET action = 'x' WHERE id = %s", sealed[0].pk)
    assert broken()
    behind_the_back("UPDATE patients_accessevent SET action = 'opened the chart' WHERE id = %s", sealed[0].pk)
    assert broken() == []
    assert changed(db_now(), None) == []


def test_a_column_that_comes_later_counts_from_then_on(sealed: list[AccessEvent]) -> None:
    fewer = seals.Trail(LOOKS.name, LOOKS.model, LOOKS.columns[:-1])
    assert [row for row in Seal.objects.all() if not seals.is_whole(fewer, row)] == []


@pytest.mark.parametrize("trail", EVERY_TRAIL, ids=lambda trail: trail.name)
def test_every_column_of_a_trail_is_sealed(trail: seals.Trail) -> None:
    """A new column: name it in the trail, at the end."""
    assert {*trail.columns, *trail.changing} == {field.attname for field in trail.model._meta.concrete_fields}
    assert trail.columns[0] == "id"


def test_oldest_checks_come_first_and_the_time_is_bounded(sealed: list[AccessEvent]) -> None:
    Seal.objects.filter(number=2).update(checked_at=db_now() - timedelta(days=1))
    now = db_now()
    seals.check(EVERY_TRAIL, now, seconds=0)
    assert [row.checked_at == now for row in Seal.objects.order_by("number")] == [False, True]


def test_every_ten_minutes_all_is_sealed_and_silence_is_noticed(
    people: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    look(people)
    with caplog.at_level(logging.INFO, "alerts.integrity.seals"):
        seal_and_check(db_now())
    assert Seal.objects.get(trail="looks").hash in caplog.text
    assert not_sealed(db_now(), None) == []
    ProcessBeat.objects.filter(name="seals").update(beat_at=db_now() - timedelta(hours=3))
    assert [one.ref for one in not_sealed(db_now(), None)] == ["seals"]


@contextmanager
def still_writing(like: AccessEvent) -> Iterator[None]:
    """Somebody writes a look, and has not committed it before the end."""
    known = connection.get_connection_params()
    line = psycopg2.connect(
        **{name: known[name] for name in ("dbname", "user", "password", "host", "port") if name in known}
    )
    try:
        with line.cursor() as cursor:
            cursor.execute(
                "INSERT INTO patients_accessevent (at, actor_id, patient_id, action, subject, request_id)"
                " VALUES (now(), %s, %s, 'slow', '', '')",
                [like.actor_id, like.patient_id],
            )
        yield
        line.commit()
    finally:
        line.close()


@pytest.mark.django_db(transaction=True)
def test_a_row_that_is_still_being_written_is_never_left_out(
    people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its number is drawn before others, and it appears after them."""
    monkeypatch.setattr(seals, "TRIES", 2)
    with still_writing(look(people)):
        look(people)
        assert seals.seal(LOOKS, db_now()) is None
    made = seals.seal(LOOKS, db_now())
    assert made
    assert made.rows == 3
    assert broken() == []


@pytest.mark.django_db(transaction=True)
def test_a_table_that_is_never_at_rest_is_not_called_sealed(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seals, "TRIES", 2)
    long_ago = db_now() - timedelta(hours=3)
    ProcessBeat.objects.create(name="seals", beat_at=long_ago)
    with still_writing(look(people)):
        seal_and_check(db_now())
        assert [one.ref for one in not_sealed(db_now(), None)] == ["seals"]
    seal_and_check(db_now())
    assert not_sealed(db_now(), None) == []


def verify(*arguments: str) -> str:
    out = StringIO()
    call_command("verify_records", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_looks_at_all_and_compares_with_a_noted_hash(sealed: list[AccessEvent]) -> None:
    said = verify()
    noted = Seal.objects.get(number=2).hash
    assert "all whole" in said
    assert f"looks 2: {noted}" in said
    assert "all whole" in verify("--expect", noted.upper())
    # Whoever owns the database changes a row and writes all seals anew.
    behind_the_back("UPDATE patients_accessevent SET action = 'x' WHERE id = %s", sealed[0].pk)
    with pytest.raises(CommandError, match="1 of 2 seals are broken"):
        verify()
    Seal.objects.all().delete()
    assert "all whole" in verify()
    with pytest.raises(CommandError, match="seals were written anew"):
        verify("--expect", noted)


def test_a_broken_seal_is_accepted_with_a_reason_only(sealed: list[AccessEvent]) -> None:
    behind_the_back("DELETE FROM patients_accessevent WHERE id = %s", sealed[0].pk)
    assert broken() == ["looks 1"]
    with pytest.raises(CommandError, match="Say why"):
        verify("--accept", "looks 1")
    for unknown in ("looks 9", "elsewhere 1", "looks", "looks x"):
        with pytest.raises(CommandError, match="There is no seal"):
            verify("--accept", unknown, "--reason", "court order")
    assert "all whole" in verify("--accept", "looks 1", "--reason", "court order 12/26")
    assert Seal.objects.get(number=1).accepted_why == "court order 12/26"
    behind_the_back("DELETE FROM patients_accessevent WHERE id = %s", sealed[1].pk)
    assert broken() == ["looks 1"]


def test_trails_have_names_of_their_own() -> None:
    assert len({trail.name for trail in (LOOKS, EVENTS, LOGS)}) == 3


@pytest.mark.slow
def test_a_fault_run_is_told_of_a_record_that_is_not_as_it_was(people: Cast) -> None:
    seen = look(people)
    assert broken_seals(Evidence(Path())) == []
    behind_the_back("UPDATE patients_accessevent SET at = at - interval '1 day' WHERE id = %s", seen.pk)
    assert broken_seals(Evidence(Path())) == ["looks 1"]


@pytest.mark.parametrize(
    "change", ["tier = 'on_track'", "messages = '[]'", "rulebook = 'another'", "facts = '{}'"], ids=str.split
)
def test_what_a_patient_was_told_cannot_be_made_something_else_unseen(send: Send, change: str) -> None:
    send(NUMB)
    seal_and_check(db_now())
    assert broken() == []
    behind_the_back(f"UPDATE recovery_assessment SET {change}")
    assert broken() == ["told 1"]


def test_the_newest_seals_are_mailed_elsewhere_once_a_day(
    sealed: list[AccessEvent], settings: Any, mailoutbox: list[Any]
) -> None:
    now = db_now()
    seal_and_check(now)
    assert not Delivery.objects.filter(message="operator_seals").exists()
    settings.SEALS_EMAIL = "seals@elsewhere.example"
    for _ in range(3):
        seal_and_check(now)
    assert Delivery.objects.filter(message="operator_seals").count() == 1
    sweep(now)
    [message] = mailoutbox
    assert message.to == ["seals@elsewhere.example"]
    newest = Seal.objects.filter(trail="looks").order_by("-number")[0]
    assert f"looks {newest.number}: {newest.hash}" in message.body
    call_command("verify_records", expect=newest.hash, stdout=StringIO())
    Seal.objects.all().delete()
    with pytest.raises(CommandError, match="written anew"):
        call_command("verify_records", expect=newest.hash, stdout=StringIO())
    seal_and_check(now + timedelta(days=1))
    assert Delivery.objects.filter(message="operator_seals").count() == 2
