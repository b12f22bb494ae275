#!/usr/bin/env python3
"""How fast are stored logs judged again? `bench/replay.py [--rows N]`, in a throwaway PostgreSQL of its own.

Makes N logs (100,000 unless told) of 1,000 patients with assessments as submit_log stores them, then alternates,
in one run, a replay under changed numbers with a bare loop that only reads and decodes the same rows. Prints the
ratio, and the time for 100,000 at the measured pace. Exit status 1 when that is over two minutes.
"""

import argparse
import json
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bin"))
import bootstrap  # noqa: E402

bootstrap.enter(bootstrap.DEVELOP)

import database  # noqa: E402, F401 - starts it, so that the models can be imported
from django.db import transaction  # noqa: E402
from measure import machine, ratio  # noqa: E402

from alerts.lifecycle import SignInput, raise_alert  # noqa: E402
from patients.tiers import CALL_DOCTOR_NOW  # noqa: E402
from recovery.models import Assessment, DailyLog  # noqa: E402
from recovery.replay import BATCH, COLUMNS, logs_received, read_only, replay  # noqa: E402
from recovery.state.judgement import _fired, _plain  # noqa: E402
from recovery.triage.evaluate import judge  # noqa: E402
from recovery.triage.replay import change  # noqa: E402
from recovery.triage.rulebook import load_rulebook  # noqa: E402
from tests.people import make_clinic, make_patient, make_procedure  # noqa: E402
from tests.triage.answers import CALM_LOG, PATIENT  # noqa: E402
from tests.triage.strategies import many_situations  # noqa: E402

PATIENTS = 1_000
DIFFERENT = 2_000
ROUNDS = 3
MOST_SECONDS = 120
GOAL_ROWS = 100_000
START = datetime(2026, 1, 1, tzinfo=UTC)
CHANGED = {"fever_threshold_c": 37.9, "pain_mcid": 3}


def make_people():
    """(patient, procedure, alert) of one clinic: an urgent assessment needs its alert."""
    clinic = make_clinic(timezone="Atlantic/Reykjavik")
    sign = SignInput("numb", CALL_DOCTOR_NOW, False, {})
    for _ in range(PATIENTS):
        patient = make_patient(clinic, messages=False)
        alert = raise_alert(patient=patient, tier=CALL_DOCTOR_NOW, priority="P2", signs=[sign], now=START)
        yield patient, make_procedure(patient, START - timedelta(days=1)), alert


def make_verdicts():
    """(answers, what is stored of the verdict): one in five wild, the others calm."""
    wild = list(many_situations(seed=1, count=DIFFERENT // 5))
    calm = [(PATIENT, 24.0 + n % 700, {**CALM_LOG, "pain_move": n % 4}, []) for n in range(DIFFERENT - len(wild))]
    for case in [*wild, *calm]:
        verdict = judge(*case)
        facts = json.loads(json.dumps(dict(verdict.facts), default=_plain))
        fired = [_fired(entry) for entry in verdict.fired]
        yield case[2], {"tier": verdict.tier, "fired": fired, "facts": facts, "rulebook": verdict.rulebook_hash}


def make_rows(count):
    """Logs with their assessments, spread over 30 days."""
    random = Random(1)
    with transaction.atomic():
        people = list(make_people())
    made = list(make_verdicts())
    for first in range(0, count, 2_000):
        logs, assessments = [], []
        for number in range(first, min(count, first + 2_000)):
            (patient, procedure, alert), (answers, stored) = people[number % PATIENTS], random.choice(made)
            at = START + timedelta(days=30) * (number / count)
            log = DailyLog(patient=patient, procedure=procedure, entered_by=patient.user, answers=answers)
            log.answered_at, log.received_at, log.client_id = at, at, log.code
            logs.append(log)
            assessments.append(Assessment(log=log, patient=patient, at=at, alert=alert, **stored))
        DailyLog.objects.bulk_create(logs)
        Assessment.objects.bulk_create(assessments)


def bare(logs):
    """Read and decode every row, and do nothing with it."""
    with read_only():
        return sum(1 for _ in logs.values_list(*COLUMNS).iterator(chunk_size=BATCH))


def ours(logs):
    """Judge every row again."""
    book = load_rulebook()
    with read_only():
        return replay(logs, change(book, book, CHANGED), days=31, keep=20)


def measure(count):
    """Seconds of each round of both, alternating, and the last report."""
    logs = logs_received(START, START + timedelta(days=31)).order_by("received_at", "id")
    walls = {bare: [], ours: []}
    for _ in range(ROUNDS):
        for run in (bare, ours):
            start = time.perf_counter()
            found = run(logs)
            walls[run].append(time.perf_counter() - start)
    assert found.judged == count
    return walls, found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=GOAL_ROWS)
    rows = parser.parse_args().rows
    print(f"{machine()}; {rows:,} logs")
    make_rows(rows)
    walls, found = measure(rows)
    best = min(walls[ours])
    seconds = best * GOAL_ROWS / rows
    print(f"judging again takes {ratio(walls[ours], walls[bare]):.2f} times a bare read and decode of the rows")
    print(f"{rows / best:,.0f} logs/s; 100,000 in {seconds:.1f} s; {found.changed:,} judged differently")
    return 0 if seconds <= MOST_SECONDS else 1


sys.exit(main())
