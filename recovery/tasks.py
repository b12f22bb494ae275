"""Celery's doors to the sweeps. Each is safe to run twice and at the same time as itself."""

from celery import shared_task

from alerts.clock import db_now
from recovery import sealed_records
from recovery.care_plan import refresh, sending
from recovery.journey import call_backs, digest
from recovery.logs import sealed, unjudged


@shared_task(name="recovery.sweep_unjudged")
def sweep_unjudged() -> None:
    """Judge what a dead request left behind."""
    unjudged.sweep_unjudged(db_now())


@shared_task(name="recovery.sweep_all_unjudged")
def sweep_all_unjudged() -> None:
    """The same, however old the log is."""
    unjudged.sweep_unjudged(db_now(), everything=True)


@shared_task(name="recovery.open_sealed")
def open_sealed() -> None:
    """Open what phones sent with nobody signed in, where the request died before it did."""
    sealed.open_due(db_now())


@shared_task(name="recovery.take_out_envelopes")
def take_out_envelopes() -> None:
    """Every hour: what phones sealed and we have long read is not kept twice."""
    sealed.take_out(db_now())


@shared_task(name="recovery.refresh_plans")
def refresh_plans() -> None:
    """Look at the plans, notes and silences that are due."""
    refresh.refresh_due(db_now())


@shared_task(name="recovery.send_due_reminders")
def send_due_reminders() -> None:
    """Send the notes that are due."""
    sending.send_due(db_now())


@shared_task(name="recovery.send_due_digests")
def send_due_digests() -> None:
    """Every minute: the mornings that have come."""
    digest.send_due()


@shared_task(name="recovery.notice_call_backs")
def notice_call_backs() -> None:
    """Tell of the promised call-backs whose time has passed."""
    call_backs.notice_due(db_now())


@shared_task(name="recovery.seal_records")
def seal_records() -> None:
    """Every ten minutes: nobody changes what was written down without a trace."""
    sealed_records.seal_and_check(db_now())
