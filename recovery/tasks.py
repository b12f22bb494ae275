"""The Celery tasks that run the sweeps. Each may run twice, also at the same time."""

from celery import shared_task

from alerts.clock import db_now
from patients.importing.sheets import forget_old
from recovery import long_work, sealed_records
from recovery.care_plan import refresh, sending
from recovery.journey import call_backs, digest, travels, turns
from recovery.logs import sealed, unjudged


@shared_task(name="recovery.sweep_unjudged")
def sweep_unjudged() -> None:
    """Judge the recent logs whose request died."""
    unjudged.sweep_unjudged(db_now())


@shared_task(name="recovery.sweep_all_unjudged")
def sweep_all_unjudged() -> None:
    """Judge the logs of any age whose request died."""
    unjudged.sweep_unjudged(db_now(), everything=True)


@shared_task(name="recovery.open_sealed")
def open_sealed() -> None:
    """Open the envelopes of phones whose request died before it opened them."""
    sealed.open_due(db_now())


@shared_task(name="recovery.take_out_envelopes")
def take_out_envelopes() -> None:
    """Every hour: empty the envelopes that are no longer needed."""
    sealed.take_out(db_now())


@shared_task(name="recovery.refresh_plans")
def refresh_plans() -> None:
    """Refresh the plans that are due, with their notes and silence."""
    refresh.refresh_due(db_now())


@shared_task(name="recovery.send_due_reminders")
def send_due_reminders() -> None:
    """Send the notes that are due."""
    sending.send_due(db_now())


@shared_task(name="recovery.send_due_digests")
def send_due_digests() -> None:
    """Every minute: handle the digests that are due."""
    digest.send_due()


@shared_task(name="recovery.notice_call_backs")
def notice_call_backs() -> None:
    """Raise alerts for promised call-backs whose time has passed."""
    call_backs.notice_due(db_now())


@shared_task(name="recovery.end_travels")
def end_travels() -> None:
    """Every minute: set back the zones of patients whose travel is over."""
    travels.end_due(db_now())


@shared_task(name="recovery.tell_turns")
def tell_turns() -> None:
    """Tell helpers whose turn begins or is over."""
    turns.tell_due(db_now())


@shared_task(name="recovery.do_long_work")
def do_long_work() -> None:
    """Every 2 s: do a slice of each job that people started."""
    long_work.go_on(db_now())


@shared_task(name="recovery.forget_sheets")
def forget_sheets() -> None:
    """Every hour: delete files of patients that are older than a week."""
    forget_old(db_now())


@shared_task(name="recovery.seal_records")
def seal_records() -> None:
    """Every ten minutes: seal new records and check old seals, so that changes are found."""
    sealed_records.seal_and_check(db_now())
