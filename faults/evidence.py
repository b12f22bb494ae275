"""The evidence of a run, read once: the ledgers of processes that are never attacked, and the rows."""

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from alerts.messaging.channels import webhook
from alerts.messaging.channels.email import message_id_for
from alerts.models import Alert, AlertEvent, Delivery
from faults.ledger import lines
from patients.tiers import URGENT
from recovery.models import Assessment, DailyLog, Reminder


def words_hash(answers: dict[str, Any]) -> str:
    """The SHA-256 of the answers, as the simulated phones compute it (faults.fleet)."""
    return hashlib.sha256(json.dumps(answers, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Telling:
    """One step of one alert, by its place in the plan, with its messages and the time they were written."""

    run: int
    round: int
    step: int
    at: datetime
    rows: tuple[Delivery, ...]


@dataclass
class Evidence:
    """The ledgers in `folder` and the rows of the database; `load` reads both."""

    folder: Path
    # The options and measures of the run: seconds, slack (how many times slower than a quiet machine this one is),
    # only, quiet, redis.
    run: dict[str, Any] = field(default_factory=dict)
    phones: list[dict[str, Any]] = field(default_factory=list)
    mails: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    nurses: list[dict[str, Any]] = field(default_factory=list)
    nemesis: list[dict[str, Any]] = field(default_factory=list)
    watcher: list[dict[str, Any]] = field(default_factory=list)
    watchdog: list[dict[str, Any]] = field(default_factory=list)
    # The measurements of an overload run (faults.overload); empty for other runs.
    overload: list[dict[str, Any]] = field(default_factory=list)
    people: dict[str, Any] = field(default_factory=dict)

    @property
    def slack(self) -> float:
        """The factor by which time limits of a quiet machine are multiplied."""
        return float(self.run.get("slack", 1.0))

    def load(self) -> "Evidence":
        """Read ledgers and rows; returns itself."""
        self.phones = list(lines(self.folder / "phones.jsonl"))
        self.nurses = list(lines(self.folder / "nurses.jsonl"))
        self.nemesis = list(lines(self.folder / "nemesis.jsonl"))
        self.watcher = list(lines(self.folder / "watcher.jsonl"))
        self.watchdog = list(lines(self.folder / "watchdog.jsonl"))
        self.overload = list(lines(self.folder / "overload.jsonl"))
        self.run = json.loads((self.folder / "run.json").read_text())
        self.people = json.loads((self.folder / "people.json").read_text())
        found = defaultdict(list)
        for mail in lines(self.folder / "provider.jsonl"):
            found[mail["id"]].append(mail)
        for text in lines(self.folder / "texts.jsonl"):
            # The watchdog's own messages have no rows, because they must go out without a database.
            if text["kind"] == "sms" and not text["key"].startswith("watchdog:"):
                found[text["key"]].append(text)
        for told in lines(self.folder / "hooks.jsonl"):
            if told["kind"] == "webhook":
                found[told["key"]].append(told)
        self.mails = dict(found)
        self.logs = {str(row.code): row for row in DailyLog.objects.all()}
        self.assessments = {row.log_id: row for row in Assessment.objects.filter(log__isnull=False)}
        self.alerts = {row.pk: row for row in Alert.objects.filter(tier__in=URGENT)}
        self.events: dict[int, list[AlertEvent]] = defaultdict(list)
        for event in AlertEvent.objects.order_by("at", "id"):
            self.events[event.alert_id].append(event)
        self.deliveries = list(Delivery.objects.all())
        self.of_alert: dict[int, list[Delivery]] = defaultdict(list)
        for row in self.deliveries:
            if row.alert_id:
                self.of_alert[row.alert_id].append(row)
        self.reminders = list(Reminder.objects.all())
        return self

    def received(self, row: Delivery) -> list[dict[str, Any]]:
        """The ledger lines of a message that its provider received, repeats included."""
        return self.mails.get(self.name(row), [])

    def name(self, row: Delivery) -> str:
        """The id of a message at its provider, the same on every try."""
        if row.channel == "webhook":
            return webhook.message_id(row.key)
        return row.key if row.channel == "sms" else message_id_for(row.key)

    def first_reached(self, alert_id: int) -> float | None:
        """When the first message of an alert arrived, or a nurse took it from the worklist; None when neither."""
        to_people = [row for row in self.of_alert[alert_id] if row.channel != "webhook"]
        moments = [float(mail["at"]) for row in to_people for mail in self.received(row)]
        answers = [e.at.timestamp() for e in self.events[alert_id] if e.what == "acknowledged"]
        return min(moments + answers, default=None)

    def tellings(self, alert: Alert) -> list[Telling]:
        """The steps of an alert in order, by the keys of its messages (like alert:12:c0:r0:s1:staff:5:email)."""
        groups: dict[tuple[int, int, int], list[Delivery]] = defaultdict(list)
        for row in self.of_alert[alert.pk]:
            parts = row.key.split(":")
            if parts[2].startswith("c"):
                groups[(int(parts[2][1:]), int(parts[3][1:]), int(parts[4][1:]))].append(row)
        return [
            Telling(*place, min(row.created_at for row in rows), tuple(rows))
            for place, rows in sorted(groups.items())
        ]
