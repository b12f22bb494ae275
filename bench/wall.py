#!/usr/bin/env python3
"""What row-level security costs: `bench/wall.py [--people N] [--rounds M]`.

In a throwaway PostgreSQL with N people (2,000 unless told) at two clinics, the same requests alternate in one run:
as the pages make them, behind the wall, and past it, as the owner of the database. Prints medians and their ratio
for a calm log, an urgent log and the worklist. Exit status 1 when a calm log costs more than 5 % more.
"""

import argparse
import json
import statistics
import sys
import time
import uuid
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bin"))
import bootstrap  # noqa: E402

bootstrap.enter(bootstrap.DEVELOP)

import database  # noqa: E402, F401 - starts it, so that the models can be imported
from django.conf import settings  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402
from measure import machine  # noqa: E402

from patients.models import User  # noqa: E402
from patients.wall import scope  # noqa: E402
from patients.wall.roles import APP  # noqa: E402
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
    phone, desk = browser(patients[0].user), browser(make_staff(clinics[0]).user)

    def log(answers):
        body = json.dumps({"client_id": str(uuid.uuid4()), "answers": answers})
        assert phone.post("/api/logs/", body, content_type="application/json").status_code == 201

    return {
        "a calm log": lambda: log(CALM),
        "an urgent log": lambda: log({**CALM, **NUMB}),
        "the worklist": lambda: desk.get("/desk/"),
    }


def seconds(do, role):
    """One request, with or without the wall."""
    connection.settings_dict["REQUESTS_AS"] = role
    scope.current = SAYS if role else lambda: None
    began = time.perf_counter()
    do()
    return time.perf_counter() - began


def main():
    """The exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=150)
    options = parser.parse_args()
    settings.STAFF_SECOND_FACTOR, settings.STATIC_ROOT = False, ""
    print(machine())
    worst = 0.0
    for name, do in requests(options.people).items():
        taken = {APP.name: [], "": []}
        for n in range(options.rounds + 10):
            # Each comes first as often as the other.
            for role in (APP.name, "")[:: 1 if n % 2 else -1]:
                spent = seconds(do, role)
                if n >= 10:
                    taken[role].append(spent * 1000)
        behind, past = statistics.median(taken[APP.name]), statistics.median(taken[""])
        print(f"{name}: {behind:.2f} ms behind the wall, {past:.2f} ms past it: {behind / past:.3f} times")
        worst = behind / past if name == "a calm log" else worst
    return int(worst > GOAL)


sys.exit(main())
