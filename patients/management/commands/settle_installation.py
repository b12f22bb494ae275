"""Writes down at the first start whether this is a demo or real, and refuses a start of the other kind."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from patients.installation import against, kind_here, settle


class Command(BaseCommand):
    """ops.prepare runs this before and after migrations."""

    help = "Write down whether this is a demo or a real installation, or refuse what it is not."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add --look, which writes nothing, for when the table may not exist yet."""
        parser.add_argument("--look", action="store_true", help="refuse only, write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check and write the kind; raises CommandError with the reason for the operator."""
        words = against(kind_here()) if options["look"] else settle()
        if words:
            raise CommandError(words)
