"""Writes docs/permissions.md from the table of permissions."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from patients.permissions_page import page


class Command(BaseCommand):
    help = "Write docs/permissions.md from patients/permissions.py."

    def handle(self, *args: Any, **options: Any) -> None:
        (settings.BASE_DIR / "docs" / "permissions.md").write_text(page(), encoding="utf-8")
        print("docs/permissions.md is written.")
