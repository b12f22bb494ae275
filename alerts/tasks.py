"""What Celery may call. Each task calls one function."""

from celery import shared_task

from alerts import digest
from alerts.sweep import sweep


@shared_task(name="alerts.tick")
def tick() -> None:
    """Every 2 s from beat, and at once when hinted."""
    sweep(driver="celery")


@shared_task(name="alerts.send_due_digests")
def send_due_digests() -> None:
    """Every minute: the mornings that have come."""
    digest.send_due()
