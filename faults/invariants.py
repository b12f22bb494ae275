"""What must hold after every run (I1 to I17): each check returns what breaks it; empty when all is well."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

from django.db.models import Sum

from alerts.clock import db_now
from alerts.integrity import seals
from alerts.models import Alert, AlertEvent, Delivery, Seal
from alerts.policy.plan import read_plan
from faults.evidence import Evidence, words_hash
from faults.fleet import CANARY
from faults.seed_names import SURNAME
from patients.models import AccessEvent
from patients.tiers import RANK, URGENT
from patients.values.provider_codes import smtp_fault
from recovery.sealed_records import EVERY_TRAIL, seal_and_check

Check = Callable[[Evidence], list[str]]
REPEATS_MOST = 0.10
# As in static/js/offline.js.
NEVER_AGAIN = (400, 404, 409, 413, 415, 422)
# The only error for which a message may be given up: the mail server refuses the address for good.
PERMANENT = (f"mail server: {smtp_fault(550, 'nobody here', at_the_address=True).words}",)
# What left the product, and the output of its processes.
LEDGERS = ("provider.jsonl", "texts.jsonl", "hooks.jsonl", "watchdog.jsonl", "up.log")
NOTE_LATE = timedelta(minutes=5)
# What a nurse did, and the words with which the record of who looked must show it.
LOOKS = {"acknowledge": "took the alert", "contact": "record a contact", "resolve": "close this alert"}


def lost(found: Evidence) -> list[str]:
    """I1: logs that were answered 2xx and are not in the database."""
    return [
        line["client_id"] for line in found.phones if line["what"] == "stored" and line["code"] not in found.logs
    ]


def unanswered(found: Evidence) -> list[str]:
    """I1: logs that were never answered 2xx, and that their phones do not keep to send later."""
    done = ("stored", "kept")
    stored = {(line["client_id"], line["words"]) for line in found.phones if line["what"] in done}
    return [
        line["client_id"]
        for line in found.phones
        if line["what"] == "sent" and (line["client_id"], line["words"]) not in stored
    ]


def turned_away(found: Evidence) -> list[str]:
    """I1: good logs that got an answer after which a phone never sends them again."""
    refused = [line for line in found.phones if line["what"] == "refused" and line["status"] in NEVER_AGAIN]
    return [f"{line['client_id']}: {line['status']}" for line in refused]


def corrupt(found: Evidence) -> list[str]:
    """I1: stored logs that differ from what was sent."""
    stored = [line for line in found.phones if line["what"] == "stored" and line["code"] in found.logs]
    return [line["client_id"] for line in stored if words_hash(found.logs[line["code"]].told) != line["words"]]


def unexpected(found: Evidence) -> list[str]:
    """I2: logs that no phone sent, or that are stored more often than they were sent."""
    sent = Counter({(line["patient"], line["words"]): 1 for line in found.phones if line["what"] == "sent"})
    there = Counter((row.patient_id, words_hash(row.told)) for row in found.logs.values())
    return [str(pair) for pair in there - sent]


def urgent_without_alert(found: Evidence) -> list[str]:
    """I3: logs urgent by their phone that have no alert, or no assessment of at least that tier."""
    tiers = {(line["patient"], line["words"]): line["tier"] for line in found.phones if line["what"] == "sent"}
    broken = []
    for code, log in found.logs.items():
        wanted = tiers.get((log.patient_id, words_hash(log.told)), "")
        row = found.assessments.get(log.pk)
        if wanted in URGENT and (row is None or not row.alert_id or RANK[row.tier] < RANK[wanted]):
            broken.append(code)
    return broken


def alerts_without_log(found: Evidence) -> list[str]:
    """I3: urgent alerts that no log led to."""
    led_to = {row.alert_id for row in found.assessments.values()}
    return [str(pk) for pk in found.alerts if pk not in led_to]


def two_alerts_at_once(found: Evidence) -> list[str]:
    """I4: pairs of alerts of one patient that were active at the same time.

    Events are read in the order in which they were written, with the patient's row locked. Their times would
    mislead: an alert has the arrival time of its log, and the log may have waited for that lock.
    """
    broken, active = [], dict[int, int]()
    moves = AlertEvent.objects.filter(what__in=("opened", "resolved")).order_by("pk")
    for what, alert, patient in moves.values_list("what", "alert_id", "alert__patient_id"):
        if what == "opened" and active.setdefault(patient, alert) != alert:
            broken.append(f"{active[patient]}, {alert}")
        elif what == "resolved":
            active.pop(patient, None)
    return broken


def reached_nobody(found: Evidence) -> list[str]:
    """I5: alerts of which no provider got a message, and that no person answered either.

    A nurse who opens the worklist because of one message may take another alert there before its own message has
    left. The time that took counts as the time of its first message.
    """
    return [str(pk) for pk in found.alerts if found.first_reached(pk) is None]


def phantoms(found: Evidence) -> list[str]:
    """I6: messages marked as sent that their provider never got."""
    sent = (Delivery.State.SENT, Delivery.State.DELIVERED)
    return [
        row.key
        for row in found.deliveries
        if row.channel != "board" and row.state in sent and not found.received(row)
    ]


def strangers(found: Evidence) -> list[str]:
    """I7: messages at a provider that belong to no row (every repeat carries the key of its row)."""
    known = {found.name(row) for row in found.deliveries}
    return [message for message in found.mails if message not in known]


def repeats(found: Evidence) -> list[str]:
    """I7: the number of repeats, when it is over a tenth of all messages."""
    total = sum(len(mails) for mails in found.mails.values())
    again = total - len(found.mails)
    return [f"{again} of {total}"] if again > total * REPEATS_MOST else []


def unarmed(found: Evidence) -> list[str]:
    """I8: active alerts without a time for their next step."""
    return [str(row.pk) for row in Alert.objects.exclude(state="resolved").filter(next_step_at__isnull=True)]


def half_steps(found: Evidence) -> list[str]:
    """I11: steps that did not write a message for each person and channel."""
    people = {"nurse_on_call": 3, "all_nurses": 3, "physician": 1, "everyone": 5}
    broken = []
    for alert in found.alerts.values():
        for told in found.tellings(alert):
            step = read_plan(alert.plan, alert.tier).steps[told.step]
            if len(told.rows) != people[step.audience] * len(step.channels):
                broken.append(f"alert {alert.pk} step {told.step}: {len(told.rows)}")
    return broken


def dead_in_silence(found: Evidence) -> list[str]:
    """I12: messages given up although the address was not refused, or without a note on their alert."""
    noted = {
        event.detail.get("delivery")
        for events in found.events.values()
        for event in events
        if event.what == "delivery_dead"
    }
    dead = [row for row in found.deliveries if row.state == Delivery.State.DEAD]
    return [
        row.key for row in dead if (row.alert_id and row.pk not in noted) or not row.error.startswith(PERMANENT)
    ]


def left_over(found: Evidence) -> list[str]:
    """I13: after the drain, messages that wait, urgent alerts not closed, and logs not judged."""
    waiting = [
        row.key for row in found.deliveries if row.state in (Delivery.State.PENDING, Delivery.State.CLAIMED)
    ]
    waiting += [f"alert {pk}" for pk, alert in found.alerts.items() if alert.state != Alert.State.RESOLVED]
    return waiting + [f"log {log.pk}" for log in found.logs.values() if log.pk not in found.assessments]


def notes(found: Evidence) -> list[str]:
    """I14: notes to silent patients missing, double or minutes off; notes marked as sent that never left."""
    broken = []
    for patient in found.people["silent"]:
        own = [row for row in found.reminders if row.procedure.patient_id == patient]
        silence = [row for row in own if row.key.startswith("silence:")]
        if len(silence) != 1 or silence[0].state != "sent":
            broken.append(f"patient {patient}: {len(silence)} notes")
        elif silence[0].handled_at and abs(silence[0].handled_at - silence[0].due_at) > NOTE_LATE:
            broken.append(f"patient {patient}: {silence[0].handled_at - silence[0].due_at} late")
    for row in found.reminders:
        refused = row.delivery and row.delivery.error.startswith(PERMANENT)
        if row.state == "sent" and not refused and not (row.delivery and found.received(row.delivery)):
            broken.append(f"{row.key} of procedure {row.procedure_id}")
    return broken


def unrecorded_looks(found: Evidence) -> list[str]:
    """I15: acts of nurses that the record of who looked does not show."""
    shown = Counter(AccessEvent.objects.values_list("actor__staff_roles__pk", "action"))
    did = Counter((line["staff"], LOOKS[line["what"]]) for line in found.nurses if line["status"] == 302)
    return [str(pair) for pair in did - shown]


def broken_seals(found: Evidence) -> list[str]:
    """I15: seals whose rows were changed, and append-only tables with rows that no seal covers."""
    written = {trail.name: trail.model._default_manager.count() for trail in EVERY_TRAIL}
    seal_and_check(db_now())
    broken = [str(row) for row in seals.check(EVERY_TRAIL, db_now(), seconds=float("inf"))]
    for name, rows in written.items():
        sealed = Seal.objects.filter(trail=name).aggregate(rows=Sum("rows"))["rows"] or 0
        if sealed < rows:
            broken.append(f"{name}: {sealed} of {rows} rows are sealed")
    return broken


def health_data_outside(found: Evidence) -> list[str]:
    """I17: ledgers, log files and files of Redis that contain a patient's words or name."""
    places = [found.folder / name for name in LEDGERS]
    places += [place for place in (found.folder / "data" / "valkey").rglob("*") if place.is_file()]
    words = (CANARY.encode(), SURNAME.encode())
    return [str(place) for place in places if place.exists() and any(word in place.read_bytes() for word in words)]
