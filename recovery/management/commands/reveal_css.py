"""manage.py reveal_css: write static/css/reveal.css and static/js/questions.js from the questions."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from recovery.forms.phone_questions import script
from recovery.forms.reveal import stylesheet


class Command(BaseCommand):
    """Run this after a question changed."""

    help = "Write static/css/reveal.css and static/js/questions.js from the questions of the log."

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the style sheet and the script."""
        static = settings.BASE_DIR / "static"
        (static / "css" / "reveal.css").write_text(stylesheet(), encoding="utf-8")
        (static / "js" / "questions.js").write_text(script(), encoding="utf-8")
