"""The way back when a clinic has no second person to confirm it: two people of the operator do it."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from patients.models import Staff
from patients.services.sessions import end_all
from patients.sign_in.changes import tell
from patients.trail import What, note


class Command(BaseCommand):
    """bin/manage way_back --email EMAIL --by NAME --with NAME"""

    help = "Remove every second factor of a member of staff who lost theirs; two people must be named."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options; the trail keeps the two names."""
        parser.add_argument("--email", required=True)
        parser.add_argument("--by", required=True, help="who does it")
        parser.add_argument("--clinic", default="", help="its name, when they work at several")
        parser.add_argument("--with", required=True, dest="other", help="who made sure with them")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        """Remove the factors, end all sessions and write it to the trail, in one transaction."""
        by, other = options["by"].strip(), options["other"].strip()
        if not by or not other or by.lower() == other.lower():
            raise CommandError("It takes two: name two different people.")
        found = Staff.objects.filter(user__email__iexact=options["email"], active=True, user__is_active=True)
        found = found.filter(clinic__name__iexact=options["clinic"]) if options["clinic"] else found
        several = list(found.select_related("user", "clinic")[:2])
        if not several:
            raise CommandError("Nobody with that e-mail works at a clinic here.")
        if len(several) > 1:
            raise CommandError("Whoever has that e-mail works at several clinics: say which with --clinic NAME.")
        staff, user = several[0], several[0].user
        Authenticator.objects.filter(user=user).delete()
        note(What.RESCUE, None, user=user, clinic=staff.clinic, detail=f"operator: {by} with {other}")
        end_all(user, None, by=None, why="lost second factor")
        tell(user, "every second factor was removed by two people of the operator, because it was lost")
        self.stdout.write(f"{staff.name} signs in with their password now, and sets up a new second factor.")
