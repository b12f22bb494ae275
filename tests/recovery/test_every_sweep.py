"""Each kind of work, with one row that cannot be read: the others go on, the row is set aside and told."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from alerts.integrity import seals
from alerts.lifecycle import escalation
from alerts.messaging import outbox
from alerts.messaging.dispatch import Dispatcher
from alerts.models import Alert, Delivery, Digest, Seal, SetAside
from alerts.monitoring.trail_out import ship
from alerts.sweeping.one_by_one import Row, Sweep, put_aside
from patients.models import (
    CallBack,
    Clinic,
    HelperTurn,
    Job,
    Patient,
    PatientSheet,
    Procedure,
    TrailEvent,
    Travel,
)
from recovery import long_work, sealed_records
from recovery.care_plan import refresh
from recovery.care_plan import sending as reminders
from recovery.journey import call_backs, digest, travels, turns
from recovery.logs import sealed, unjudged
from recovery.measures import measures
from recovery.models import DailyLog, Milestone, PhoneKey, Reminder, SealedLog
from recovery.promises import EVERY_PROMISE
from recovery.sweeps import EVERY_WORK
from tests.alerts.steps import CHEST, raise_for, told
from tests.people import Cast, make_helper, make_patient, make_procedure
from tests.recovery.conftest import CALM

MOMENT = timedelta(minutes=1)


@dataclass
class Scene:
    """The cast, with a second patient whose rows are fine."""

    people: Cast
    fine: Procedure
    now: datetime

    @property
    def bad(self) -> Procedure:
        """Whose row cannot be read."""
        return self.people.procedure


@pytest.fixture
def scene(people: Cast) -> Scene:
    now = timezone.now().replace(hour=18, minute=0, second=0, microsecond=0)  # noon in the clinic
    Patient.all_clinics.update(plan_due_at=None)
    ended = now - timedelta(hours=30)
    Procedure.objects.update(ended_at=ended)
    people.procedure.ended_at = ended
    return Scene(people, make_procedure(make_patient(people.clinic, "Fine"), ended), now)


def no_place(scene: Scene) -> None:
    """A zone that looks like a place and is none: the database takes it, and no form does."""
    Patient.all_clinics.filter(pk=scene.bad.patient_id).update(timezone="Pacific/Olympus")


def plans(scene: Scene) -> bool:
    no_place(scene)
    Patient.all_clinics.filter(procedures__isnull=False).update(plan_due_at=scene.now)
    refresh.refresh_due(scene.now)
    refresh.refresh_due(scene.now)
    return Milestone.objects.filter(procedure=scene.fine).exists()


def notes(scene: Scene) -> bool:
    no_place(scene)
    for procedure in (scene.bad, scene.fine):
        Reminder.objects.create(procedure=procedure, key="log:2026-11-11:10", due_at=scene.now)
    reminders.send_due(scene.now)
    reminders.send_due(scene.now)
    return Reminder.objects.get(procedure=scene.fine).state == "sent"


REFUSES_CHANGE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
CREATE TRIGGER refuse_change BEFORE UPDATE ON recovery_sealedlog FOR EACH ROW WHEN (NEW.id = %s)
EXECUTE FUNCTION refuse_change()
"""
REFUSES_LATE = """
CREATE FUNCTION refuse_late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
CREATE TRIGGER refuse_late BEFORE UPDATE ON patients_callback FOR EACH ROW WHEN (NEW.id = %s)
EXECUTE FUNCTION refuse_late()
"""
REFUSES = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
CREATE TRIGGER refuse BEFORE INSERT ON recovery_assessment FOR EACH ROW WHEN (NEW.log_id = %s)
EXECUTE FUNCTION refuse()
"""


def logs(scene: Scene) -> bool:
    """Not even a person can be given it: the database refuses every verdict of this log."""
    sent = [
        DailyLog.objects.create(
            patient=procedure.patient,
            procedure=procedure,
            entered_by=procedure.patient.user,
            answers=CALM,
            client_id=f"00000000-0000-4000-8000-{n:012}",
            answered_at=scene.now,
            received_at=scene.now - timedelta(seconds=60),
        )
        for n, procedure in enumerate((scene.bad, scene.fine))
    ]
    with connection.cursor() as cursor:
        cursor.execute(REFUSES, [sent[0].pk])
    unjudged.sweep_unjudged(scene.now)
    unjudged.sweep_unjudged(scene.now)
    return hasattr(DailyLog.objects.get(pk=sent[1].pk), "assessment")


def sealed_logs(scene: Scene) -> bool:
    """The database refuses whatever became of this envelope."""
    user = scene.people.helper.user
    later = {"made_at": scene.now, "expires_at": scene.now + timedelta(days=1)}
    key = PhoneKey.objects.create(user=user, public_key="x", **later)
    known = {"phone_key": key, "about": scene.bad.patient.code, "envelope": "x", "received_at": scene.now - MOMENT}
    made = [
        SealedLog.objects.create(
            client_id=f"00000000-0000-4000-8000-{n:012}", digest=str(n), patient=procedure.patient, **known
        )
        for n, procedure in enumerate((scene.bad, scene.fine))
    ]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(REFUSES_CHANGE, [made[0].pk])
    sealed.open_due(scene.now)
    sealed.open_due(scene.now)
    return SealedLog.objects.get(pk=made[1].pk).state == "given"


def alerts(scene: Scene) -> bool:
    bad = raise_for(scene.bad.patient, CHEST, now=scene.now)
    good = raise_for(scene.fine.patient, CHEST, now=scene.now)
    odd = {**bad.plan, "steps": [{**bad.plan["steps"][0], "channels": [["board"]]}]}
    Alert.objects.filter(pk=bad.pk).update(plan=odd)
    escalation.advance_due(scene.now)
    escalation.advance_due(scene.now)
    return bool(told(good))


def messages(scene: Scene) -> bool:
    for procedure in (scene.bad, scene.fine):
        raise_for(procedure.patient, CHEST, now=scene.now)
    escalation.advance_due(scene.now)
    bad = Delivery.objects.filter(alert__patient=scene.bad.patient, channel="email")
    bad.update(context=["not", "what", "we", "write"])
    for later in (timedelta(0), timedelta(seconds=10)):
        now = scene.now + later
        sending = Dispatcher()
        sending.start(outbox.claim_due(now), now)
        sending.leave(now)
    good = Delivery.objects.filter(alert__patient=scene.fine.patient, channel="email")
    return set(good.values_list("state", flat=True)) == {"sent"}


def mornings(scene: Scene) -> bool:
    Digest.objects.all().delete()
    for clinic in (scene.people.clinic, scene.people.other_clinic):
        Digest.objects.create(clinic=clinic, local_date=scene.now.date(), due_at=scene.now)
    Clinic.objects.filter(pk=scene.people.clinic.pk).update(timezone="Pacific/Olympus")
    digest.send_due(scene.now)
    digest.send_due(scene.now)
    return Digest.objects.filter(clinic=scene.people.other_clinic, handled_at__isnull=False).exists()


def next_mornings(scene: Scene) -> bool:
    Digest.objects.all().delete()
    Clinic.objects.filter(pk=scene.people.clinic.pk).update(timezone="Pacific/Olympus")
    digest.send_due(scene.now)
    digest.send_due(scene.now)
    return Digest.objects.filter(clinic=scene.people.other_clinic).exists()


def promised_call_backs(scene: Scene) -> bool:
    """The database refuses to write down that this one is late."""
    known = {"promised_at": scene.now, "promised_by": scene.people.nurse, "due_at": scene.now}
    bad, good = (CallBack.objects.create(patient=row.patient, **known) for row in (scene.bad, scene.fine))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(REFUSES_LATE, [bad.pk])
    call_backs.notice_due(scene.now)
    call_backs.notice_due(scene.now)
    return Alert.objects.filter(patient=good.patient).exists() and not Alert.objects.exclude(patient=good.patient)


REFUSES_HOME = """
CREATE FUNCTION refuse_home() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
CREATE TRIGGER refuse_home BEFORE UPDATE ON patients_travel FOR EACH ROW WHEN (NEW.id = %s)
EXECUTE FUNCTION refuse_home()
"""


def travels_that_are_over(scene: Scene) -> bool:
    """The database refuses to end this one."""
    known = {"began_at": scene.now - timedelta(days=1), "due_at": scene.now}
    zones = {"zone": "Europe/Madrid", "home_zone": "America/Chicago"}
    bad, good = (
        Travel.objects.create(patient=row.patient, began_by=row.patient.user, **known, **zones)
        for row in (scene.bad, scene.fine)
    )
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(REFUSES_HOME, [bad.pk])
    travels.end_due(scene.now)
    travels.end_due(scene.now)
    good.refresh_from_db()
    return good.ended_at == scene.now


REFUSES_TURN = """
CREATE FUNCTION refuse_turn() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
CREATE TRIGGER refuse_turn BEFORE UPDATE ON patients_helperturn FOR EACH ROW WHEN (NEW.id = %s)
EXECUTE FUNCTION refuse_turn()
"""


def turns_of_helpers(scene: Scene) -> bool:
    """The database refuses to write down that somebody was told of this one."""
    known = {"began_at": scene.now, "due_at": scene.now + timedelta(days=1)}
    bad, good = (
        HelperTurn.objects.create(
            patient=row.patient, giver=make_helper(row.patient), taker=make_helper(row.patient), **known
        )
        for row in (scene.bad, scene.fine)
    )
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(REFUSES_TURN, [bad.pk])
    turns.tell_due(scene.now)
    turns.tell_due(scene.now)
    good.refresh_from_db()
    return good.taker_told_at == scene.now


REFUSES_JOB = """
CREATE FUNCTION refuse_job() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
CREATE TRIGGER refuse_job BEFORE UPDATE ON patients_job FOR EACH ROW WHEN (NEW.id = %s)
EXECUTE FUNCTION refuse_job()
"""


def long_jobs(scene: Scene) -> bool:
    """The database refuses to write down how far this one is."""
    now = scene.now
    known: dict[str, Any] = {"asked_at": now, "due_at": now, "kind": "check-sheet", "title": "x", "page": "/desk/"}
    jobs = []
    for staff in (scene.people.nurse, scene.people.other_nurse):
        sheet = PatientSheet.objects.create(clinic=staff.clinic, made_by=staff, made_at=now, header=["Name"])
        jobs.append(Job.objects.create(clinic=staff.clinic, asked_by=staff, about=sheet.pk, **known))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(REFUSES_JOB, [jobs[0].pk])
    long_work.go_on(now)
    long_work.go_on(now)
    return Job.objects.get(pk=jobs[1].pk).state == "done"


def a_seal(**fields: Any) -> Seal:
    known = {"after_id": 0, "up_to_id": 1, "rows": 1, "hash": "x", "columns": "id"}
    moment = timezone.now() - timedelta(days=1)
    return Seal.objects.create(**{**known, "sealed_at": moment, "checked_at": moment, **fields})


def sealing(scene: Scene) -> bool:
    """No number comes after the largest one."""
    raise_for(scene.bad.patient, CHEST, now=scene.now)
    scene.people.patient.access_events.create(at=scene.now, actor=scene.people.nurse.user, action="x")
    a_seal(trail="looks", number=2**63 - 1, after_id=0, up_to_id=1)
    scene.people.patient.access_events.create(at=scene.now, actor=scene.people.nurse.user, action="y", pk=10**6)
    sealed_records.seal_and_check(scene.now)
    sealed_records.seal_and_check(scene.now)
    return Seal.objects.filter(trail="alert-events").exists()


def old_seals(scene: Scene) -> bool:
    bad = a_seal(trail="looks", number=1, columns="id,no_such_column", broken_at=scene.now)
    good = a_seal(trail="alert-events", number=1)
    for _ in range(2):
        seals.check(sealed_records.EVERY_TRAIL, scene.now)
    assert SetAside.objects.get(sweep="old-seals").row == bad.pk
    return Seal.objects.get(pk=good.pk).checked_at == scene.now


def trail_out(scene: Scene) -> bool:
    """One way cannot be reached, the other takes everything."""
    with (
        TemporaryDirectory() as folder,
        override_settings(TRAIL_SYSLOG_URL="syslog+tls://127.0.0.1:1", TRAIL_JSON_FILE=f"{folder}/trail.jsonl"),
    ):
        TrailEvent.objects.create(at=scene.now - timedelta(minutes=1), what="signed_in")
        ship(scene.now)
        ship(scene.now)
        return "signed_in" in Path(folder, "trail.jsonl").read_text()


POISONED: dict[str, Callable[[Scene], bool]] = {
    "logs": logs,
    "sealed": sealed_logs,
    "alerts": alerts,
    "call-backs": promised_call_backs,
    "travels": travels_that_are_over,
    "turns": turns_of_helpers,
    "jobs": long_jobs,
    "messages": messages,
    "plans": plans,
    "notes": notes,
    "mornings": mornings,
    "next-mornings": next_mornings,
    "sealing": sealing,
    "old-seals": old_seals,
    "trail-out": trail_out,
}


def test_each_kind_of_work_has_its_poisoned_row() -> None:
    assert POISONED.keys() == {work.name for work in EVERY_WORK}


@pytest.mark.parametrize("name", POISONED)
def test_one_row_that_cannot_be_read_stops_no_other_and_is_told(scene: Scene, name: str) -> None:
    assert POISONED[name](scene)
    rows = SetAside.objects.filter(sweep=name)
    assert rows
    assert {row.count for row in rows} == {2}
    assert all(row.error for row in rows)
    [promise] = [one for one in EVERY_PROMISE if one.key == "no-row-stands-still"]
    lines = [one.what for one in promise.ask(timezone.now() + timedelta(days=2)).offenders]
    assert [line for line in lines if line.startswith(f"{name}: ")]
    [counted] = [one for one in measures(timezone.now()) if one.name == "kypho_rows_set_aside"]
    assert dict(counted.samples)[(name,)] == len(rows)


def test_an_alert_whose_plan_cannot_be_followed_still_pages_whoever_can_be_reached(scene: Scene) -> None:
    alerts(scene)
    paged = Delivery.objects.filter(alert__patient=scene.bad.patient, channel="email")
    assert {row.recipient for row in paged} == {f"staff:{n.pk}" for n in (scene.people.nurse, scene.people.nurse2)}
    count = paged.all().count()
    escalation.advance_due(scene.now + timedelta(minutes=5))
    assert paged.all().count() == count
    escalation.advance_due(scene.now + timedelta(minutes=11))
    assert paged.all().count() == 2 * count


def test_an_alert_somebody_let_run_out_opens_again_though_its_plan_cannot_be_followed(scene: Scene) -> None:
    alert = raise_for(scene.bad.patient, CHEST, now=scene.now)
    odd = {**alert.plan, "steps": [{**alert.plan["steps"][0], "channels": [["board"]]}]}
    taken = {"state": "acked", "acked_by": scene.people.nurse, "acked_at": scene.now, "ack_expires_at": scene.now}
    Alert.objects.filter(pk=alert.pk).update(plan=odd, **taken)
    escalation.advance_due(scene.now)
    alert.refresh_from_db()
    assert (alert.state, alert.acked_by) == ("open", None)
    assert Delivery.objects.filter(alert=alert, channel="email").exists()


def test_a_lock_or_a_time_limit_is_about_one_row_and_a_lost_database_is_not(scene: Scene) -> None:
    put_aside(refresh.PLANS, _row(scene), OperationalError("canceling statement due to lock timeout"), scene.now)
    assert SetAside.objects.get().error == "OperationalError"
    usable, connection.is_usable = connection.is_usable, lambda: False  # type: ignore[method-assign]
    try:
        with pytest.raises(OperationalError):
            put_aside(refresh.PLANS, _row(scene), OperationalError("server closed the connection"), scene.now)
    finally:
        connection.is_usable = usable  # type: ignore[method-assign]


def _row(scene: Scene) -> Row:
    return Row(scene.bad.patient_id, scene.people.clinic.pk, scene.bad.patient_id)


def test_a_note_costs_the_same_however_many_are_due(scene: Scene) -> None:
    """Sets of ids, and a bounded number of statements for each person: no batch makes the next one wait."""
    cost = {}
    for people in (1, 6):
        for n in range(people):
            procedure = make_procedure(make_patient(scene.people.clinic, f"P{people}{n}"), scene.bad.ended_at)
            Reminder.objects.create(procedure=procedure, key="log:2026-11-11:10", due_at=scene.now)
        with CaptureQueriesContext(connection) as made:
            assert reminders.send_due(scene.now) == people
        cost[people] = len(made)
    assert cost[6] - cost[1] <= 5 * 14


def test_a_walk_takes_all_there_is_and_ends_when_its_time_is_over(scene: Scene) -> None:
    sweep = refresh.PLANS
    assert isinstance(sweep, Sweep)
    for n in range(30):
        make_procedure(make_patient(scene.people.clinic, f"P{n}"), scene.now - timedelta(hours=2))
    Patient.all_clinics.filter(procedures__isnull=False).update(plan_due_at=scene.now)
    slow = replace(sweep, handle=lambda pk, now: True)
    assert refresh.walk(slow, scene.now, seconds=0.0) == 1
    assert refresh.walk(slow, scene.now) == 32
