"""Defects that a careful person might still make. The scenes (faults.scenarios) must catch each of them.

Every `old` must be in its file exactly once; when the code changes, update the mutant.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """One defect: in `file`, `old` becomes `new`."""

    name: str
    file: str
    old: str
    new: str


OUTBOX, SWEEP = "alerts/messaging/outbox.py", "alerts/monitoring/sweep.py"
CALL_ENDS = "alerts/messaging/call_ends.py"
ESCALATION, WATCHDOG = "alerts/lifecycle/escalation.py", "alerts/monitoring/watchdog.py"
RAISING, ANSWERS = "alerts/lifecycle/raising.py", "alerts/lifecycle/answers.py"
JUDGE, TELL, STORE = "recovery/logs/judge.py", "recovery/logs/tell.py", "recovery/logs/store.py"
UNJUDGED = "recovery/logs/unjudged.py"

MUTANTS = (
    Mutant(
        "mark before send",
        "alerts/messaging/dispatch.py",
        "                self._calls[self._pool(row.channel).submit(outbox.call, item)] = row\n",
        "                outbox.record(row, Sent(), now)\n"
        "                self._calls[self._pool(row.channel).submit(outbox.call, item)] = row\n",
    ),
    Mutant(
        "no fence",
        OUTBOX,
        "filter(pk=row.pk, claim_token=row.claim_token, state=State.CLAIMED)",
        "filter(pk=row.pk)",
    ),
    Mutant(
        "claims wait for each other",
        OUTBOX,
        "due.select_for_update(skip_locked=True).values_list",
        "due.select_for_update().values_list",
    ),
    Mutant(
        "claims take what others took",
        OUTBOX,
        "due.select_for_update(skip_locked=True).values_list",
        "due.values_list",
    ),
    Mutant(
        "steps wait for each other",
        ESCALATION,
        'skip_locked=True, no_key=True, of=("self", "patient")',
        'no_key=True, of=("self", "patient")',
    ),
    Mutant(
        "nothing is taken back",
        OUTBOX,
        'count = lost.update(state=State.PENDING, claim_token=None, lease_until=None, error="its sender is gone")',
        "count = 0",
    ),
    Mutant(
        "what was lost is dead",
        OUTBOX,
        'lost.update(state=State.PENDING, claim_token=None, lease_until=None, error="its sender is gone")',
        'lost.update(state=State.DEAD, claim_token=None, lease_until=None, error="its sender is gone")',
    ),
    Mutant(
        "dead processes are not noticed",
        OUTBOX,
        "filter(gone | over, ",
        "filter(over, ",
    ),
    Mutant("live processes look dead", OUTBOX, "gone = ~Q(claimed_by__in", "gone = Q(claimed_by__in"),
    Mutant("no lease", OUTBOX, "LEASE_SECONDS = 12", "LEASE_SECONDS = 0"),
    Mutant("the lease never ends", OUTBOX, "LEASE_SECONDS = 12", "LEASE_SECONDS = 3600"),
    Mutant(
        "a worse sign changes nothing",
        RAISING,
        "    if (tier, plan_tier) != (alert.tier, alert.plan_tier):\n",
        "    if False:\n",
    ),
    Mutant(
        "an upgrade does not start the clock",
        RAISING,
        '        restart(alert, now)\n        return "upgraded"',
        '        return "upgraded"',
    ),
    Mutant(
        "a failed try is the last",
        OUTBOX,
        "    return _mark(row, State.PENDING, due_at=again_at, error=error[:300])",
        "    return _mark(row, State.PENDING, due_at=row.send_by - timedelta(seconds=1), error=error[:300])",
    ),
    Mutant(
        "the last step does not repeat",
        "alerts/policy/plan.py",
        "round + 1, here, now + timedelta(minutes=plan.repeat_minutes))",
        "round + 1, here, now + timedelta(days=999))",
    ),
    Mutant(
        "telling goes on after an answer",
        ANSWERS,
        '            "next_step_at": ends,\n',
        "",
    ),
    Mutant(
        "what waits is sent after an answer",
        OUTBOX,
        "row.alert.state != Alert.State.OPEN",
        "row.alert.state == Alert.State.RESOLVED",
    ),
    Mutant(
        "an answer never runs out",
        ESCALATION,
        "filter(state__in=ACTIVE, next_step_at__lte=now)",
        'filter(state="open", next_step_at__lte=now)',
    ),
    Mutant(
        "messages in a second transaction",
        ESCALATION,
        "    outbox.enqueue_many(row for turn in turns for row in turn.deliveries)\n",
        "    rows = [row for turn in turns for row in turn.deliveries]\n"
        "    transaction.on_commit(lambda: outbox.enqueue_many(rows))\n",
    ),
    Mutant(
        "work only on a hint",
        SWEEP,
        "    live.hint_taken()\n",
        '    if not live._wire.attempt(lambda client: client.delete(live.HINTED)):\n        return {"sent": 0}\n',
    ),
    Mutant(
        "alert in a transaction of its own",
        TELL,
        '    failpoint("in_judge")\n',
        '    transaction.get_connection().connection.commit()\n    failpoint("in_judge")\n',
    ),
    Mutant(
        "a crash of the rules is watch",
        TELL,
        "tier = worse(CALL_DOCTOR_NOW, log.phone_tier)",
        'tier = worse("watch", log.phone_tier)',
    ),
    Mutant(
        "the web machine's clock",
        "recovery/phone/log/log_api.py",
        "return _take(request, db_now())",
        'return _take(request, __import__("django.utils.timezone").utils.timezone.now())',
    ),
    Mutant(
        "the driver's clock",
        "patients/clock.py",
        "    assert isinstance(now, datetime)\n",
        '    now = __import__("django.utils.timezone").utils.timezone.now()\n',
    ),
    Mutant(
        "a receipt puts the alert to rest",
        "alerts/messaging/receipts.py",
        '            fields["delivered_at"] = now\n',
        '            fields["delivered_at"] = now\n'
        "            later = now.replace(year=now.year + 1)\n"
        "            row.alert.__class__.objects.filter(pk=row.alert_id).update(next_step_at=later)\n",
    ),
    Mutant(
        "an answer without its record",
        ANSWERS,
        "    AlertEvent.objects.create(",
        "    transaction.on_commit(lambda: None)\n    _ = lambda **fields: None\n    _(",
    ),
    Mutant(
        "an urgent sign after an answer is folded in",
        RAISING,
        "    if again and alert.state == Alert.State.ACKED:\n",
        "    if False:\n",
    ),
    Mutant(
        "the message names the patient",
        ESCALATION,
        '"code": alert.ack_code, **_for_push',
        '"code": "", "name": alert.patient.name, **_for_push',
    ),
    Mutant(
        "the sweep comes too late",
        UNJUDGED,
        "SWEEP_AFTER = timedelta(seconds=3)",
        "SWEEP_AFTER = timedelta(seconds=30)",
    ),
    Mutant(
        "a dead page changes nothing",
        OUTBOX,
        "    Alert.objects.filter(waiting, pk=alert_id).update(next_step_at=now)\n",
        "",
    ),
    Mutant(
        "other words under the same id are dropped",
        STORE,
        "    if _said(first) == _said(log):\n",
        "    if True:\n",
    ),
    Mutant(
        "the phone's verdict does not count",
        TELL,
        "    tier = worse(verdict.tier, log.phone_tier)\n",
        "    tier = verdict.tier\n",
    ),
    Mutant(
        "each try has a new key",
        "alerts/messaging/channels/email.py",
        "hashlib.sha256(key.encode())",
        "hashlib.sha256(__import__('os').urandom(8))",
    ),
    Mutant(
        "nobody left to tell is the end",
        "alerts/oncall/roster.py",
        'LAST_RESORT = ("all_nurses", "physician", "manager")',
        "LAST_RESORT = ()",
    ),
    Mutant("the watchdog sleeps", WATCHDOG, "TICK_LATE_SECONDS = 3", "TICK_LATE_SECONDS = 300"),
    Mutant(
        "two judge one patient at once",
        JUDGE,
        '    return rows.select_for_update(of=("patient",))',
        "    return rows",
    ),
    Mutant(
        "911 comes last among the due steps",
        ESCALATION,
        '.order_by("tier", "next_step_at"), now)',
        '.order_by("-tier", "next_step_at"), now)',
    ),
    Mutant("a 911 page is given up after a minute", ESCALATION, "{CALL_911: 30, ", "{CALL_911: 1, "),
    Mutant("25 wrong codes by text", "alerts/lifecycle/sms_replies.py", "MOST_TRIES = 5\n", "MOST_TRIES = 25\n"),
    Mutant(
        "no call follows a text within the step",
        ESCALATION,
        "            row.due_at += call_after(",
        "            row.due_at += 9 * call_after(",
    ),
    Mutant(
        "a call that nobody takes ends in silence",
        CALL_ENDS,
        "    if end not in ENOUGH and not others.exists():\n",
        "    if False:\n",
    ),
    Mutant(
        "a report hides the key of a call",
        CALL_ENDS,
        "    return KNOWS.get(End(end), 1) > KNOWS.get(End(row.call_end), 1)\n",
        "    return True\n",
    ),
    Mutant(
        "a repeated key of a call takes an alert again",
        "alerts/lifecycle/staff_calls.py",
        "    if end == End.TAKEN:\n",
        "    if False:\n",
    ),
)
