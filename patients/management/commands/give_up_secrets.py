"""give_up_secrets removes the secrets that no key opens. docs/howto/secret-key.md."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from patients.rotation.places import SecretPlace, places
from patients.vault.keys import NoKeys, our_keys

NONE = "Every secret in the database can be opened: there is nothing to give up."
SURE = (
    "{number} secrets cannot be opened; nothing was changed. Look for the key first: an earlier data_keys opens"
    " them all. When it is lost for good: bin/manage give_up_secrets --yes. Staff set up second factors anew,"
    " webhooks are turned off until they get a new secret, devices are set up anew, and people sign in again."
)


class Command(BaseCommand):
    """Lists the rows first; with --yes it gives up each one by itself."""

    help = "Name the secrets in the database that no key of DATA_KEYS opens, and with --yes go on without them."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add --yes, without which nothing changes."""
        parser.add_argument("--yes", action="store_true", help="give them up; there is no way back")

    def handle(self, *args: Any, **options: Any) -> None:
        """List what cannot be opened; raises CommandError when any of it was not given up."""
        try:
            our_keys()
        except (NoKeys, ValueError) as error:
            raise CommandError(f"{error} Nothing was changed.") from error
        shut = [(place, pk, why) for place in places() for pk, why in place.shut()]
        for place, pk, why in shut:
            self.stdout.write(f"{place.words}, row {pk}: {why}")
        if not shut:
            self.stdout.write(NONE)
        elif not options["yes"]:
            raise CommandError(SURE.format(number=len(shut)))
        else:
            self._give_up([(place, pk) for place, pk, _ in shut])

    def _give_up(self, shut: list[tuple[SecretPlace, Any]]) -> None:
        left = []
        for place, pk in shut:
            try:
                place.give_up(pk)
            except DatabaseError as error:
                left.append(f"{place.words}, row {pk}: {str(error).strip().splitlines()[0]}")
        self.stdout.write(f"{len(shut) - len(left)} given up.")
        if left:
            raise CommandError("\n".join(["These rows stay as they were:", *left]))
