"""manage.py reveal_css: write static/css/reveal.css from the questions."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from recovery.forms.reveal import stylesheet


class Command(BaseCommand):
    """Run it after a question's show_if changed."""

    help = "Write static/css/reveal.css from the questions of the log."

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file."""
        (settings.BASE_DIR / "static" / "css" / "reveal.css").write_text(stylesheet(), encoding="utf-8")
