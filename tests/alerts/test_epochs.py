"""The server learns by itself that its records were restored from a backup, and nothing is hidden by that."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from alerts.clock import db_now
from alerts.integrity import epoch_marker, epochs, unconfirmed_restores
from alerts.integrity.restore_confirmation import confirm_records
from alerts.models import Alert, AlertEvent, Delivery, Epoch, EpochCheck
from alerts.monitoring.promises.records import unconfirmed
from alerts.monitoring.sweep import beat, sweep
from tests.alerts.steps import CHEST, raise_for
from tests.people import Cast, make_clinic

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def data_dir(db: None, tmp_path: Path, settings: Any) -> Iterator[Path]:
    """A place of its own for the witness; nothing this process knows of epochs stays."""
    settings.DATA_DIR = tmp_path
    epochs.forget()
    yield tmp_path
    epochs.forget()


def first() -> Epoch:
    """The database as it is, known."""
    found = epochs.look()
    assert found
    assert found.cause == "first"
    return found


def put_back(before: Epoch, **other: Any) -> Epoch | None:
    """As after a restore: the newest epoch in the records was seen on another server, timeline or table."""
    here = {"server": before.server, "timeline": before.timeline, "table_id": before.table_id}
    Epoch.objects.create(seen_at=before.seen_at, before=before, cause="operator", **{**here, **other})
    return epochs.look()


def copy(now: datetime | None = None, **more: Any) -> Epoch:
    """A new epoch because an operator said so."""
    made = epochs.begin(
        "operator",
        now or timezone.now(),
        here=epochs.where_we_are(),
        newest=Epoch.objects.order_by("-pk").first() or first(),
        **more,
    )
    assert made
    return made


def test_a_database_that_was_never_put_back_has_one_epoch_however_often_it_is_looked_at() -> None:
    first()
    assert [epochs.look() for _ in range(3)] == [None] * 3
    assert Epoch.objects.count() == 1


def test_looking_costs_two_statements(django_assert_num_queries: Any) -> None:
    first()
    with django_assert_num_queries(2):
        epochs.look(timezone.now())


@pytest.mark.parametrize(
    ("changed", "cause"), [("server", "server"), ("timeline", "timeline"), ("table_id", "tables")]
)
def test_another_server_timeline_or_table_is_a_new_epoch(changed: str, cause: str) -> None:
    before = first()
    found = put_back(before, **{changed: getattr(before, changed) - 1})
    assert found
    assert found.before
    assert (found.cause, found.before) == (cause, Epoch.objects.order_by("pk")[1])
    assert found.code not in (before.code, found.before.code)
    assert epochs.look() is None


def test_older_files_of_the_same_server_show_by_the_witness() -> None:
    before = first()
    mark = epoch_marker.read()
    assert mark
    epoch_marker.write(epoch_marker.Mark(mark.database, str(before.code), mark.position + 10**9))
    found = epochs.look()
    assert found
    assert found.cause == "files"
    assert epochs.look() is None


def test_files_from_before_an_epoch_that_the_witness_knows_show_too() -> None:
    first()
    mark = epoch_marker.read()
    assert mark
    epoch_marker.write(epoch_marker.Mark(mark.database, "00000000-0000-4000-8000-000000000000", 0))
    found = epochs.look()
    assert found
    assert found.cause == "files"


def test_a_witness_that_can_not_be_written_anew_proves_the_same_thing_once(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first()
    mark = epoch_marker.read()
    assert mark
    epoch_marker.write(epoch_marker.Mark(mark.database, "00000000-0000-4000-8000-000000000000", 0))
    monkeypatch.setattr(epoch_marker, "place", lambda: data_dir / epoch_marker.NAME)
    monkeypatch.setattr(epoch_marker.Path, "replace", lambda *args: (_ for _ in ()).throw(OSError("full")))
    assert epochs.look()
    assert [epochs.look() for _ in range(3)] == [None] * 3
    assert [file.name for file in data_dir.iterdir()] == [epoch_marker.NAME]


@pytest.mark.parametrize(
    "text", ["", "{", '{"database": 1}', '["a"]', '{"database":"x","epoch":"y","position":"z"}']
)
def test_a_witness_that_can_not_be_read_proves_nothing(text: str) -> None:
    first()
    epoch_marker.place().write_text(text)
    assert epochs.look() is None


def test_the_witness_of_another_database_proves_nothing() -> None:
    before = first()
    epoch_marker.write(epoch_marker.Mark("another", str(before.code), 10**15))
    assert epochs.look() is None


def test_of_two_sweeps_at_once_one_begins_the_epoch() -> None:
    before = first()
    here, now = epochs.where_we_are(), timezone.now()
    made = [epochs.begin("operator", now, here=here, newest=before, reason="x") for _ in range(2)]
    assert made[0]
    assert made[1] is None
    assert Epoch.objects.count() == 2


def test_what_may_be_missing_begins_at_the_last_sign_of_life_in_the_copy(people: Cast) -> None:
    before, at = first(), timezone.now() - HOUR
    beat("tick:celery", {}, at)
    beat("watchdog", {}, at - HOUR)
    found = put_back(before, server=1)
    assert found
    assert found.copied_at == at


def test_active_alerts_say_it_go_on_under_their_keys_and_new_ones_get_unused_numbers(
    people: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    now = db_now()
    before = first()
    raise_for(people.patient, CHEST, now=now)
    sweep(now)
    alert = Alert.objects.get()
    keys = set(Delivery.objects.values_list("key", flat=True))
    # The copy is from before the sweep: the alert waits for its first step, and its messages are not there.
    Delivery.objects.all().delete()
    Alert.objects.update(round=0, step=0, next_step_at=now)
    with caplog.at_level(logging.WARNING):
        assert put_back(before, server=1)
    assert "restored from a backup" in caplog.text
    assert AlertEvent.objects.filter(alert=alert, what="restored").count() == 1
    sweep(now + timedelta(seconds=1))
    assert set(Delivery.objects.values_list("key", flat=True)) == keys
    other = raise_for(people.other_patient, CHEST, now=now)
    assert other.pk > alert.pk + 10**6


def test_the_same_copy_put_back_twice_gives_out_no_number_twice(people: Cast) -> None:
    first()
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_value FROM alerts_alert_id_seq")
        (in_the_copy,) = cursor.fetchone()
        copy(timezone.now())
        cursor.execute("SELECT nextval('alerts_alert_id_seq')")
        (once,) = cursor.fetchone()
        cursor.execute("SELECT setval('alerts_alert_id_seq', %s)", [in_the_copy])
        copy(timezone.now() + HOUR)
        cursor.execute("SELECT nextval('alerts_alert_id_seq')")
        (twice,) = cursor.fetchone()
    assert twice - once > 3000 * 1000


def test_a_clinic_confirms_once_for_all_that_came_before_and_for_itself_alone(people: Cast) -> None:
    at = timezone.now()
    copy(at, copied_at=at - 3 * HOUR)
    newest = copy(at + HOUR, copied_at=at - HOUR)
    found = unconfirmed_restores.unconfirmed(people.clinic)
    assert found
    assert (found.code, found.since) == (newest.code, at - 3 * HOUR)
    checks = [confirm_records(staff, newest.code, at) for staff in (people.nurse, people.manager)]
    assert checks[0] == checks[1]
    assert EpochCheck.objects.get().staff == people.nurse
    assert unconfirmed_restores.unconfirmed(people.clinic) is None
    assert unconfirmed_restores.unconfirmed(people.other_clinic)


def test_the_promise_names_each_clinic_until_it_has_confirmed(people: Cast) -> None:
    now = timezone.now()
    first()
    assert unconfirmed(now, None) == []
    epoch = copy(now)
    make_clinic(is_canary=True)
    assert [row.ref for row in unconfirmed(now, None)] == [str(people.clinic.code), str(people.other_clinic.code)]
    confirm_records(people.nurse, epoch.code, now)
    assert unconfirmed(now, people.clinic.pk) == []
    assert [row.clinic_id for row in unconfirmed(now, None)] == [people.other_clinic.pk]
    copy(now + HOUR)
    assert len(unconfirmed(now, people.clinic.pk)) == 1


def test_a_clinic_that_was_made_after_the_copy_has_nothing_to_confirm(people: Cast) -> None:
    copy(timezone.now())
    fresh = make_clinic(name="Aspen")
    assert unconfirmed_restores.unconfirmed(fresh) is None
    assert unconfirmed(timezone.now(), fresh.pk) == []


@pytest.mark.django_db(transaction=True)
def test_a_database_that_does_not_say_which_server_it_is_is_known_by_our_table_alone() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE guest")
        cursor.execute(
            "GRANT pg_read_all_data, pg_write_all_data TO guest; "
            "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO guest"
        )
        cursor.execute("REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC; SET ROLE guest")
        try:
            known = first()
            assert (known.server, known.timeline) == (0, 0)
            assert known.table_id > 0
            assert epochs.look() is None
        finally:
            cursor.execute(
                "RESET ROLE; GRANT EXECUTE ON FUNCTION pg_control_system() TO PUBLIC; DROP OWNED BY guest"
            )
            cursor.execute("DROP ROLE guest")


def told(*arguments: str) -> str:
    """What the operator reads."""
    out = StringIO()
    call_command("restored", *arguments, stdout=out)
    return out.getvalue()


def test_an_operator_looks_and_says_what_shows_nowhere(people: Cast) -> None:
    assert "no copy was put back" in told()
    at = timezone.now() - HOUR
    beat("tick:celery", {}, at)
    assert f"after {at:%Y-%m-%d %H:%M:%S} UTC may be missing" in told("--reason", "the disk of Monday")
    assert Epoch.objects.latest("pk").reason == "the disk of Monday"


def test_what_has_been_noticed_already_is_not_said_twice() -> None:
    before = first()
    Epoch.objects.create(
        seen_at=before.seen_at, before=before, cause="operator", server=1, timeline=1, table_id=before.table_id
    )
    assert "another database server" in told("--reason", "moved")
    assert Epoch.objects.count() == 3


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--reason", " "), "Say which copy"),
        (("--reason", "x" * 301), "Say which copy"),
        (("--copied-at", "2026-01-31T09:30:00+00:00"), "Say which copy"),
        (("--reason", "x", "--copied-at", "yesterday"), "with offset"),
        (("--reason", "x", "--copied-at", "2026-01-31T09:30:00"), "with offset"),
        (("--reason", "x", "--copied-at", "2026-13-31T09:30:00+00:00"), "--copied-at"),
        (("--reason", "x", "--copied-at", "2999-01-01T00:00:00+00:00"), "not in the future"),
        (("--reason", "x"), "no longer tell"),
    ],
)
def test_what_can_not_be_is_refused_with_what_to_do(arguments: tuple[str, ...], words: str) -> None:
    first()
    beat("tick:celery", {}, timezone.now())
    with pytest.raises(CommandError, match=words):
        told(*arguments)
    assert Epoch.objects.count() == 1
