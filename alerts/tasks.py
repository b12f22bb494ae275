"""What Celery may call. Each task calls one function."""

from celery import shared_task

from alerts.clock import db_now
from alerts.monitoring.sweep import sweep
from alerts.monitoring.trail_out import ship
from patients.sign_in import limits
from patients.sign_in.session_store import SessionStore


@shared_task(name="alerts.tick")
def tick() -> None:
    """Every 2 s from beat, and at once when hinted."""
    sweep(driver="celery")


@shared_task(name="alerts.forget_old_sessions")
def forget_old_sessions() -> None:
    """Every hour: sessions that have ended, what somebody typed in them and never came back for, and old tries."""
    SessionStore.clear_expired()
    limits.forget_old()


@shared_task(name="alerts.ship_trail")
def ship_trail() -> None:
    """Every 5 s: what happened to sign-ins leaves the machine, where the operator wants it."""
    ship(db_now())
