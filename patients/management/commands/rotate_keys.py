"""rotate_keys locks every secret in the database with the newest of DATA_KEYS. docs/howto/secret-key.md."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from patients.rotation.rotation import Done, lock_all_anew, missing_keys, tally
from patients.vault.keys import NoKeys


class Command(BaseCommand):
    """Locks row by row. It can be stopped at any moment without loss, and run again."""

    help = "Lock the secrets in the database with the newest of DATA_KEYS, and say how many lie under which key."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add --look, and --at-start for ops.prepare."""
        parser.add_argument("--look", action="store_true", help="say how many lie under which key, change nothing")
        parser.add_argument(
            "--at-start", action="store_true", help="lock what was never locked; fail when a key is missing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Lock all secrets; raises CommandError for rows that could not be locked, after all others are done."""
        if options["at_start"]:
            return self._start()
        try:
            done = Done() if options["look"] else lock_all_anew()
            lines = list(tally())
        except NoKeys as error:
            raise CommandError(str(error)) from error
        if not options["look"]:
            self.stdout.write(f"{done.rows} rows locked with the newest key.")
        self.stdout.writelines(f"{line}\n" for line in lines)
        if done.aside:
            left = "\n".join(done.aside)
            raise CommandError(f"{len(done.aside)} rows stay as they were:\n{left}")
        return None

    def _start(self) -> None:
        """Raise CommandError if a key is missing; rows that cannot be locked are only printed."""
        if words := missing_keys():
            raise CommandError(words)
        done = lock_all_anew(only_plain=True)
        self.stdout.writelines(f"not locked: {line}\n" for line in done.aside)
