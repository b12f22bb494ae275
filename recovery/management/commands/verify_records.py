"""Check every seal of the records that must never change."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from alerts.clock import db_now
from alerts.integrity import seals
from alerts.models import Seal
from recovery.sealed_records import EVERY_TRAIL, seal_and_check

LONGEST_REASON = 300


class Command(BaseCommand):
    """bin/manage verify_records [--expect HASH] [--accept "TRAIL NUMBER" --reason "..."]"""

    help = "Look at every seal: were rows that must never change changed, removed or slipped in?"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the options; checking needs none."""
        parser.add_argument("--expect", default="", help="a hash that was noted elsewhere: is it still there?")
        parser.add_argument("--accept", default="", metavar="SEAL", help='a broken seal, such as "looks 17"')
        parser.add_argument("--reason", default="", help="why its rows are right as they are now")

    def handle(self, *args: Any, expect: str, accept: str, reason: str, **options: Any) -> None:
        """Print each broken seal; CommandError when there is one or the expected hash is missing."""
        if accept:
            self._accept(accept, reason.strip())
        seal_and_check(db_now())
        broken = seals.check(EVERY_TRAIL, db_now(), seconds=float("inf"))
        for row in broken:
            self.stdout.write(
                f"broken: seal {row}, ids {row.after_id + 1} to {row.up_to_id}, {row.rows} rows, sealed "
                f"{row.sealed_at:%Y-%m-%d %H:%M:%S} UTC"
            )
        if expect and not Seal.objects.filter(hash=expect.strip().lower()).exists():
            raise CommandError("No seal has this hash: seals were written anew. Compare with your copies.")
        if broken:
            raise CommandError(f"{len(broken)} of {Seal.objects.count()} seals are broken. See docs/runbook.md.")
        self.stdout.write(f"{Seal.objects.count()} seals, all whole.")
        for trail in EVERY_TRAIL:
            if last := Seal.objects.filter(trail=trail.name).order_by("-number").first():
                self.stdout.write(f"{last}: {last.hash}")

    def _accept(self, name: str, reason: str) -> None:
        trail, _, number = name.strip().rpartition(" ")
        known = {one.name: one for one in EVERY_TRAIL}
        if not reason or len(reason) > LONGEST_REASON:
            raise CommandError(f"Say why with --reason, in 1 to {LONGEST_REASON} letters.")
        try:
            seals.accept(known[trail], int(number), reason)
        except (KeyError, ValueError, Seal.DoesNotExist) as error:
            raise CommandError(f'There is no seal "{name}". Name one as this command prints it.') from error
