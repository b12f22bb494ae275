"""The tasks of Celery."""

from celery import shared_task

from alerts.clock import db_now
from alerts.monitoring.sweep import sweep
from alerts.monitoring.trail_out import ship
from patients.sign_in import limits
from patients.sign_in.session_store import SessionStore


@shared_task(name="alerts.tick")
def tick() -> None:
    """One tick: every 2 s by beat, and at once after a hint."""
    sweep(driver="celery")


@shared_task(name="alerts.forget_old_sessions")
def forget_old_sessions() -> None:
    """Delete ended sessions with their kept forms, and old counts of the rate limits. Every hour."""
    SessionStore.clear_expired()
    limits.forget_old()


@shared_task(name="alerts.ship_trail")
def ship_trail() -> None:
    """Ship the audit trail from the machine where the operator has set this up. Every 5 s."""
    ship(db_now())
