import sys

from django.apps import AppConfig

from recovery.triage.rulebook import RulebookError, load_rulebook


class RecoveryConfig(AppConfig):
    name = "recovery"
    verbose_name = "Recovery: the journey"

    def ready(self) -> None:
        """Stop every process (server, worker, beat or command) from starting with a broken rule book."""
        try:
            load_rulebook()
        except RulebookError as error:
            sys.exit(f"The rule book is broken, nothing starts: {error}")
