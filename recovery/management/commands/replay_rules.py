"""replay_rules: show which logs another rule book or other clinic settings would have judged differently."""

from __future__ import annotations

import json
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from patients.models import Clinic
from recovery.management.replay_report import as_json, in_words
from recovery.management.tried_rulebook import tried_rulebook
from recovery.replay import logs_received, read_only, replay
from recovery.triage.config import validate_config
from recovery.triage.numbers import SPANS
from recovery.triage.replay import change, changed_911_rules
from recovery.triage.rulebook import RulebookError, load_rulebook
from recovery.triage.shapes import Rulebook

SHOWN = 20
MAX_SETTINGS_BYTES = 100_000


class Command(BaseCommand):
    help = (
        "Judge stored logs again under a changed rule book or changed clinic settings, and list who would have "
        "been judged differently. Nothing is stored: the transaction is read-only. Each log is judged from the "
        "facts its assessment stored, so history and open alerts are exactly those of the time, and a difference "
        "is owed to the change alone; what an alert opened earlier would have led to is not followed. Silence has "
        "no log and is not judged again. Numbers set for one patient stand, as they are today, before those."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", dest="first", required=True, type=_day, help="first day, like 2026-01-31")
        parser.add_argument("--to", dest="last", type=_day, help="last day, included; left out: today")
        parser.add_argument(
            "--clinic", type=_uuid, help="code of one clinic, whose days count; left out: all, UTC"
        )
        parser.add_argument(
            "--rulebook", type=Path, help="folder with some files of the rule book, or one such file"
        )
        parser.add_argument("--clinic-settings", type=Path, help="JSON file with the keys of a config that change")
        parser.add_argument(
            "--limit", type=_count, default=SHOWN, help=f"differences to list, {SHOWN} unless told"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object instead of words")

    def handle(self, *args: Any, **options: Any) -> None:
        now, tried = load_rulebook(), self.rulebook(options["rulebook"])
        config = self.config(options["clinic_settings"])
        clinic = self.clinic(options["clinic"])
        start, end = _period(options["first"], options["last"], clinic)
        loud = list(changed_911_rules(now, tried))
        if not options["json"]:
            self.say(_heading(now, tried, config, loud))
        days = (end - start) / timedelta(days=1)
        with read_only():
            logs = logs_received(start, end, clinic).order_by("received_at", "id")
            report = replay(logs, change(now, tried, config), days=days, keep=options["limit"], clinic=clinic)
        if options["json"]:
            head: dict[str, Any] = {
                "changed_911_rules": loud,
                "rulebook": now.hash,
                "tried_rulebook": tried.hash,
                "settings": config,
            }
            head |= {
                "from": start.isoformat(),
                "to": end.isoformat(),
                "clinic": str(clinic.code) if clinic else None,
            }
            self.stdout.write(json.dumps({**head, **as_json(report)}))
        else:
            self.say(in_words(report))

    def say(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.stdout.write(line)

    def rulebook(self, place: Path | None) -> Rulebook:
        if place is None:
            return load_rulebook()
        try:
            return tried_rulebook(place)
        except RulebookError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{place}: {error.strerror}") from error

    def config(self, place: Path | None) -> dict[str, Any]:
        if place is None:
            return {}
        try:
            with place.open("rb") as file:
                config = json.loads(file.read(MAX_SETTINGS_BYTES + 1))
        except OSError as error:
            raise CommandError(f"{place}: {error.strerror}") from error
        except (ValueError, RecursionError) as error:
            raise CommandError(f"{place}: is not JSON: {error}") from error
        if problems := validate_config(config):
            raise CommandError("\n".join(f"{key or place}: {reason}" for key, reason in problems))
        return dict(config)

    def clinic(self, code: UUID | None) -> Clinic | None:
        if code is None:
            return None
        clinic = Clinic.objects.filter(code=code).first()
        if clinic is None:
            raise CommandError(f"there is no clinic with the code {code}")
        return clinic


def _heading(now: Rulebook, tried: Rulebook, config: dict[str, Any], loud: list[str]) -> Iterator[str]:
    if loud:
        yield "!!! THIS RULE BOOK WEAKENS OR CHANGES 911 RULES. It may not be used as it is. !!!"
        yield from (f"!!! {line}" for line in loud)
    same = "the rule book in use" if tried.hash == now.hash else f"rule book {tried.hash[:12]}"
    changed = json.dumps(config) if config else "none"
    yield f"Judged by {same} (in use: {now.hash[:12]}); settings changed: {changed}"
    numbers = {*now.content["numbers"], *SPANS}
    if idle := sorted(set(config) - numbers):
        yield f"No rule that judges a log reads: {', '.join(idle)}"


def _period(first: date, last: date | None, clinic: Clinic | None) -> tuple[datetime, datetime]:
    """Return the start of the first day and the end of the last, in the clinic's time zone."""
    zone = ZoneInfo(clinic.timezone) if clinic else UTC
    last = last or timezone.now().astimezone(zone).date()
    if last < first:
        raise CommandError(f"--to: {last} is before {first}")
    start, end = (datetime.combine(day, datetime.min.time(), zone) for day in (first, last + timedelta(days=1)))
    return start.astimezone(UTC), end.astimezone(UTC)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text}: must be a date like 2026-01-31") from None


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise ArgumentTypeError(f"{text}: is not the code of a clinic") from None


def _count(text: str) -> int:
    if not text.isdecimal() or len(text) > 7:
        raise ArgumentTypeError(f"{text}: must be a whole number, 0 or more")
    return int(text)
