#!/usr/bin/env python3
"""How fast are stored logs judged again? `bench/replay.py [--rows N]`, in a throwaway PostgreSQL of its own.

Makes N logs (100,000 unless told) of 1,000 patients with assessments as intake stores them, then alternates, in one
run, a replay under changed numbers with a bare loop that only reads and decodes the same rows. Prints the ratio, and the
time for 100,000 at the measured pace. Exit status 1 when that is over two minutes.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "bin"))
import bootstrap  # noqa: E402

bootstrap.enter(bootstrap.DEVELOP)

import django  # noqa: E402
from measure import machine, ratio  # noqa: E402

from config.datadir import DataDir  # noqa: E402
from config.embedded import running  # noqa: E402
from tests.engines import SETTINGS  # noqa: E402

PATIENTS = 1_000
DIFFERENT = 2_000
ROUNDS = 3
MOST_SECONDS = 120
GOAL_ROWS = 100_000
START = datetime(2026, 1, 1, tzinfo=UTC)
CHANGED = {"fever_threshold_c": 37.9, "pain_mcid": 3}


def make_rows(count):
    """Logs and assessments, some wild and most calm, spread over 30 days."""
    from django.db import transaction

    from alerts.services import SignInput, raise_alert
    from patients.models import Clinic
    from recovery.intake import _fired, _plain
    from recovery.models import Assessment, DailyLog
    from recovery.triage.evaluate import judge
    from tests.people import make_clinic, make_patient, make_procedure
    from tests.triage.answers import CALM_LOG, PATIENT
    from tests.triage.strategies import many_situations

    random = Random(1)
    clinic = make_clinic()
    Clinic.objects.filter(pk=clinic.pk).update(timezone="UTC")
    people = []
    for _ in range(PATIENTS):
        patient = make_patient(clinic, messages=False)
        sign = SignInput("numb", "call_doctor_now", False, {})
        with transaction.atomic():
            alert = raise_alert(patient=patient, tier="call_doctor_now", priority="P2", signs=[sign], now=START)
        people.append((patient, make_procedure(patient, START - timedelta(days=1)), alert))
    wild = list(many_situations(seed=1, count=DIFFERENT // 5))
    calm = [(PATIENT, 24.0 + n % 700, {**CALM_LOG, "pain_move": n % 4}, []) for n in range(DIFFERENT - len(wild))]
    made = []
    for case in [*wild, *calm]:
        verdict = judge(*case)
        facts = json.loads(json.dumps(dict(verdict.facts), default=_plain))
        made.append((case[2], verdict, facts, [_fired(entry) for entry in verdict.fired]))
    for first in range(0, count, 2_000):
        logs, verdicts = [], []
        for number in range(first, min(count, first + 2_000)):
            (patient, procedure, alert), (answers, verdict, facts, fired) = people[number % PATIENTS], random.choice(made)
            at = START + timedelta(days=30) * (number / count)
            log = DailyLog(patient=patient, procedure=procedure, entered_by=patient.user, answers=answers, answered_at=at)
            log.received_at, log.client_id = at, log.code
            logs.append(log)
            row = {"patient": patient, "at": at, "tier": verdict.tier, "fired": fired, "facts": facts, "alert": alert}
            verdicts.append(Assessment(log=log, rulebook=verdict.rulebook_hash, **row))
        DailyLog.objects.bulk_create(logs)
        Assessment.objects.bulk_create(verdicts)


def measure(count):
    from django.db import connection

    from recovery.replay import BATCH, COLUMNS, logs_received, read_only, replay
    from recovery.triage.replay import change
    from recovery.triage.rulebook import load_rulebook

    book = load_rulebook()
    logs = logs_received(START, START + timedelta(days=31)).order_by("received_at", "id")

    def bare():
        with read_only():
            return sum(1 for _ in logs.values_list(*COLUMNS).iterator(chunk_size=BATCH))

    def ours():
        with read_only():
            return replay(logs, change(book, book, CHANGED), days=31, keep=20)

    connection.close()
    walls = {"bare": [], "ours": []}
    for _ in range(ROUNDS):
        for name, run in (("bare", bare), ("ours", ours)):
            start = time.perf_counter()
            found = run()
            walls[name].append(time.perf_counter() - start)
    assert found.judged == count
    return walls, found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=GOAL_ROWS)
    rows = parser.parse_args().rows
    print(f"{machine()}; {rows:,} logs")
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="kypho-bench-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.chmod(0o711)
        os.environ.update(SETTINGS, DATA_DIR=str(folder), STATIC_ROOT=str(folder), DJANGO_SETTINGS_MODULE="config.settings")
        os.environ.update(stack.enter_context(running(DataDir(folder), {}, throwaway=True)))
        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        start = time.perf_counter()
        make_rows(rows)
        print(f"rows made in {time.perf_counter() - start:.0f} s")
        walls, found = measure(rows)
    seconds = min(walls["ours"]) * GOAL_ROWS / rows
    print(f"judging again takes {ratio(walls['ours'], walls['bare']):.2f} times a bare read and decode of the same rows")
    print(f"{rows / min(walls['ours']):,.0f} logs/s; 100,000 in {seconds:.1f} s; {found.changed:,} judged differently")
    return 0 if seconds <= MOST_SECONDS else 1


sys.exit(main())
