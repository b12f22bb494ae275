"""Make a real clinic with its first manager, who then adds the other staff at /desk/staff/."""

import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from alerts.lifecycle import create_default_policies
from patients.models import Clinic, Staff, User
from patients.sign_in.staff_links import password_link
from patients.values.dialing import refuse_extension


class Command(BaseCommand):
    """bin/manage create_clinic --name … --timezone … --phone … --manager-email … --manager-name …"""

    help = "Create a clinic, its default escalation policies and its first manager."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options; all except the after-hours phone are required."""
        parser.add_argument("--name", required=True)
        parser.add_argument("--timezone", required=True, help="such as America/Chicago")
        parser.add_argument("--phone", required=True, help="the number patients call, with country code")
        parser.add_argument("--after-hours-phone", default="")
        parser.add_argument("--manager-email", required=True)
        parser.add_argument("--manager-name", required=True, help="first and last name")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        """Create clinic and manager in one transaction, and print the link that sets the manager's password."""
        clinic = Clinic(
            name=options["name"],
            timezone=options["timezone"],
            phone=options["phone"],
            after_hours_phone=options["after_hours_phone"],
        )
        manager = _manager(options["manager_email"], options["manager_name"], clinic)
        _refuse_extensions(options)
        for item in (clinic, manager):
            try:
                item.full_clean()
            except ValidationError as error:
                raise CommandError("; ".join(_sentences(error))) from error
            item.save()
        Staff.objects.create(user=manager, clinic=clinic, role=Staff.Role.MANAGER)
        create_default_policies(clinic)
        self.stdout.write(f"Created {clinic.name}. {manager.get_full_name()} sets a password here:")
        self.stdout.write(password_link(manager))


def _refuse_extensions(options: dict[str, Any]) -> None:
    """Refuse numbers with an extension, because stored without it they would ring at the switchboard."""
    for name in ("phone", "after_hours_phone"):
        try:
            refuse_extension(options[name])
        except ValidationError as error:
            raise CommandError(f"--{name.replace('_', '-')}: {' '.join(error.messages)}") from error


def _manager(email: str, name: str, clinic: Clinic) -> User:
    first, _, last = name.strip().partition(" ")
    user = User(username=uuid.uuid4().hex, email=email.lower(), first_name=first, last_name=last, works_at=clinic)
    user.set_unusable_password()
    return user


def _sentences(error: ValidationError) -> list[str]:
    return [f"{field.replace('_', ' ')}: {' '.join(texts)}" for field, texts in error.message_dict.items()]
