"""Is this a demo or a real installation? Written down at the first start; said otherwise, nothing starts."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from patients.installation import against, kind_here, settle


class Command(BaseCommand):
    """What ops.prepare runs before and after it migrates."""

    help = "Write down whether this is a demo or a real installation, or refuse what it is not."

    def add_arguments(self, parser: CommandParser) -> None:
        """--look writes nothing: the table may not be there yet."""
        parser.add_argument("--look", action="store_true", help="refuse only, write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """CommandError with the sentence for whoever started it."""
        words = against(kind_here()) if options["look"] else settle()
        if words:
            raise CommandError(words)
