"""rotate_keys: lock every secret in the database with the newest of DATA_KEYS. docs/howto/secret-key.md."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from patients.rotation.rotation import Done, lock_all_anew, missing_keys, tally
from patients.vault.keys import NoKeys


class Command(BaseCommand):
    """Stopped at any moment it has lost nothing: run it again."""

    help = "Lock the secrets in the database with the newest of DATA_KEYS, and say how many lie under which key."

    def add_arguments(self, parser: CommandParser) -> None:
        """What ops.prepare asks for, and a look."""
        parser.add_argument("--look", action="store_true", help="say how many lie under which key, change nothing")
        parser.add_argument(
            "--at-start", action="store_true", help="lock what was never locked; fail when a key is missing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """CommandError when something could not be locked anew; the rest is done then."""
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
        """A row that stays as it was is told, and stops nobody's start."""
        if words := missing_keys():
            raise CommandError(words)
        done = lock_all_anew(only_plain=True)
        self.stdout.writelines(f"not locked: {line}\n" for line in done.aside)
