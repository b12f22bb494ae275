"""Check whether the records were restored from a backup, or record a restore that nothing shows."""

from argparse import ArgumentParser
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import ProgrammingError
from django.utils.dateparse import parse_datetime

from alerts.clock import db_now
from alerts.integrity import epochs
from alerts.models import Epoch

# A newer sign of life is not from the copy: the product has run on the records since.
RUNNING = timedelta(seconds=60)
LONGEST_REASON = 300


class Command(BaseCommand):
    """bin/manage restored [--reason "..." [--copied-at 2026-01-31T09:30:00+00:00]]"""

    help = "Look whether the records were restored from a backup. --reason: they were, although nothing shows it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add --reason and --copied-at. Without them the command only checks."""
        parser.add_argument("--reason", default="", help="which copy was put back, and why")
        parser.add_argument("--copied-at", default="", help="when the copy was made; else its last sign of life")

    def handle(self, *args: Any, reason: str, copied_at: str, **options: Any) -> None:
        """Check the records, begin an epoch when a reason is given, and print the result."""
        now = db_now()
        try:
            found = epochs.look(now)
        except ProgrammingError as error:
            raise CommandError(
                "There are no records of this version here yet. Start the product: it looks by itself."
            ) from error
        if not reason and not copied_at:
            if options["verbosity"] or (found and found.cause != Epoch.Cause.FIRST):
                self.stdout.write(_told(found or Epoch.objects.order_by("-pk").first()))
            return
        if not reason.strip() or len(reason) > LONGEST_REASON:
            raise CommandError(f"Say which copy was put back with --reason, in 1 to {LONGEST_REASON} letters.")
        if found is not None and found.cause != Epoch.Cause.FIRST:
            self.stdout.write(_told(found))
            return
        newest = Epoch.objects.order_by("-pk").first()
        at = _moment(copied_at, now)
        made = epochs.begin(
            Epoch.Cause.OPERATOR, now, here=epochs.where_we_are(), newest=newest, reason=reason, copied_at=at
        )
        if made is None:
            raise CommandError("A sweep was faster. Run this again to see what it found.")
        self.stdout.write(_told(made))


def _moment(text: str, now: datetime) -> datetime | None:
    """The time the copy was made; None to use its last sign of life.

    CommandError when the text is no past time with offset, or when it is empty and the product ran just now.
    """
    try:
        given = parse_datetime(text) if text else None
    except ValueError as error:
        raise CommandError(f"--copied-at: {error}.") from error
    if text and (given is None or given.tzinfo is None or given > now):
        raise CommandError(
            "--copied-at is a date and time with offset, not in the future: 2026-01-31T09:30:00+00:00"
        )
    alive = epochs.last_sign_of_life(now)
    if given is None and alive and now - alive < RUNNING:
        raise CommandError(
            "The product has run on these records within the last minute, so they no longer tell when the copy "
            "was made. Say it with --copied-at."
        )
    return given


def _told(epoch: Epoch | None) -> str:
    if epoch is None or epoch.cause == Epoch.Cause.FIRST:
        return "The records are where they always were: no copy was put back."
    since = f"{epoch.copied_at:%Y-%m-%d %H:%M:%S} UTC" if epoch.copied_at else "an unknown moment"
    return (
        f"The records were restored from a backup ({epoch.get_cause_display()}), noticed at "
        f"{epoch.seen_at:%Y-%m-%d %H:%M:%S} UTC. What was done after {since} may be "
        "missing.\nPhones send their logs of the last 14 days again; alerts go on; each clinic confirms."
    )
