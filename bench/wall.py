#!/usr/bin/env python3
"""What row-level security costs: `bench/wall.py [--people N] [--rounds M]`.

In a throwaway PostgreSQL with N people (2,000 unless told) at two clinics, the same requests alternate in one run:
as the pages make them, behind the wall, and past it, as the owner of the database. Prints medians and their ratio
for a calm log, an urgent log and the worklist: of the processor, Python's and PostgreSQL's together, which means
something on a busy machine too, and of the time that passed. Exit status 1 when a log costs more than 5 % more.
"""

import argparse
import json
import os
import statistics
import sys
import time
import uuid
from itertools import cycle
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bin"))
import bootstrap  # noqa: E402

bootstrap.enter(bootstrap.DEVELOP)

import database  # noqa: E402, F401 - starts it, so that the models can be imported
from django.conf import settings  # noqa: E402
from django.db import connection, connections, transaction  # noqa: E402
from django.test import Client  # noqa: E402
from measure import machine  # noqa: E402

from config.database.base import DatabaseWrapper  # noqa: E402
from ops.datadir import DataDir  # noqa: E402
from patients.models import User  # noqa: E402
from patients.wall import scope  # noqa: E402
from patients.wall.roles import APP, OWNER, ROLES  # noqa: E402
from tests.people import make_clinic, make_patient, make_procedure, make_staff  # noqa: E402
from tests.recovery.conftest import CALM, NUMB  # noqa: E402

GOAL = 1.05
SAYS = scope.current


def browser(user: User) -> Client:
    """Signed in."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def requests(people):
    """Each kind of request, by name."""
    clinics = [make_clinic(), make_clinic("Birch Spine Clinic")]
    with transaction.atomic():
        patients = [make_patient(clinics[n % 2], f"Person {n}") for n in range(people)]
        for patient in patients:
            make_procedure(patient)
    # Nobody sends so many that they are bounded; and each in turn behind the wall and past it.
    phones = cycle([phone for patient in patients[:60] for phone in [browser(patient.user)] * 2])
    desk = browser(make_staff(clinics[0]).user)

    def log(answers):
        body = json.dumps({"client_id": str(uuid.uuid4()), "answers": answers})
        answer = next(phones).post("/api/logs/", body, content_type="application/json")
        assert answer.status_code == 201, answer.content

    return {
        "a calm log": lambda: log(CALM),
        "an urgent log": lambda: log({**CALM, **NUMB}),
        "the worklist": lambda: desk.get("/desk/"),
    }


def processor(backend):
    """Seconds of the processor that this process and its backend have had."""
    nanoseconds = int(Path(f"/proc/{backend}/schedstat").read_text().split()[0])
    return time.process_time() + nanoseconds / 1e9


def line(role):
    """A connection of Django's, signed in as a role of ours; and its backend."""
    passwords = DataDir(Path(os.environ["DATA_DIR"])).database_passwords(one.name for one in ROLES)
    settings_dict = {**connection.settings_dict, "USER": role.name, "PASSWORD": passwords[role.name]}
    made = DatabaseWrapper(settings_dict)
    with made.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return made, cursor.fetchone()[0]


def seconds(do, made, backend, says):
    """One request, with or without the wall: (of the processor, that passed)."""
    connections["default"], scope.current = made, says
    began, spent = time.perf_counter(), processor(backend)
    do()
    return processor(backend) - spent, time.perf_counter() - began


def main():
    """The exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=150)
    options = parser.parse_args()
    settings.STAFF_SECOND_FACTOR, settings.STATIC_ROOT = False, ""
    print(machine())
    worst = 0.0
    made = requests(options.people)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    lines = {"behind": (*line(APP), SAYS), "past": (*line(OWNER), lambda: None)}
    for name, do in made.items():
        taken = {"behind": [], "past": []}
        for n in range(options.rounds + 10):
            # Each comes first as often as the other.
            for where in ("behind", "past")[:: 1 if n % 2 else -1]:
                spent = seconds(do, *lines[where])
                if n >= 10:
                    taken[where].append(spent)
        for part, what in enumerate(("of the processor", "that passed")):
            behind, past = (1000 * statistics.median(one[part] for one in taken[where]) for where in taken)
            ratio = behind / past
            print(f"{name}: {behind:.2f} ms {what} behind the wall, {past:.2f} ms past it: {ratio:.3f} times")
            worst = max(worst, ratio) if part == 0 and "log" in name else worst
    return int(worst > GOAL)


sys.exit(main())
