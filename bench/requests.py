"""What one request costs beside a bare Django view: `bin/bench submit submit-form worklist` and others, or all.

The product and the bare site (bench/bare) run behind the same server on the same PostgreSQL, each with its own
database. Targets take turns in slices, so that the machine's drift hits all; the processor time of the server's
processes and of its database lines is read from the kernel. Only ratios of one run mean something.
"""

import json
import os
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from statistics import median
from urllib.parse import urlencode, urlsplit

import psycopg2
from django.utils import timezone

from bench import people
from bench.measure import machine
from bench.servers import Web, lines_of, serving
from bench.sockets import Line
from ops.datadir import DataDir
from ops.roles import as_role
from patients.wall.roles import APP, ROLES
from tests.recovery.conftest import CALM, NUMB

THREADS, SEARCHES = 2, 10
TOKEN = "a" * 32
NOT_MET = "not met"
# Requests a target answers before it counts.
WARM = 20
Ask = Callable[[Line], None]


@dataclass
class Target:
    """One kind of request of one site, and what its slices gave."""

    web: Web
    ask: Ask
    done: int = 0
    seconds: float = 0
    cpu: float = 0
    times: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Goal:
    """What a request may cost beside the bare one: at least this rate, at most this processor time, as ratios."""

    beside: str
    rate: float = 0
    rate_stretch: float = 0
    cpu: float | None = None


# Today and the chart have no gate of their own: how they compare is printed all the same.
GOALS = {
    "submit": Goal("bare log", 0.8, 2, cpu=1.2),
    "submit-form": Goal("bare log", 0.5, 1),
    "submit-urgent": Goal("bare log", 0.4, 1),
    "worklist": Goal("bare list", 0.8, 3),
    "search": Goal("bare list", 0.8, 3),
    "today": Goal("bare list"),
    "chart": Goal("bare list"),
}


def measure(names: list[str], *, slices: int, seconds: float, others: int) -> dict[str, dict[str, float]]:
    """Measure these requests and the bare ones; returns for each: requests a second, CPU ms, p50 and p95 in ms."""
    with ExitStack() as stack:
        targets = _targets(stack, others)
        chosen = {name: targets[name] for name in [*sorted({GOALS[name].beside for name in names}), *names]}
        backends = lines_of(os.environ["DATABASE_URL"])
        for target in chosen.values():
            line = Line(target.web.place)
            for _ in range(WARM):
                target.ask(line)
        for _ in range(slices):
            for target in chosen.values():
                _slice(target, seconds, backends)
        return {name: _figures(target) for name, target in chosen.items()}


def _slice(target: Target, seconds: float, backends: Callable[[str, str], list[int]]) -> None:
    """Ask as often as it goes for so long, on a few lines at once."""
    before, began = target.web.cpu_seconds(backends), time.monotonic()
    until, taken, failed = began + seconds, [], []

    def work() -> None:
        line = Line(target.web.place)
        try:
            while (at := time.monotonic()) < until:
                target.ask(line)
                taken.append(time.monotonic() - at)
        except Exception as error:  # told below: a figure over failed requests is none
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise SystemExit(f"a request failed: {failed[0]}")
    target.seconds += time.monotonic() - began
    target.cpu += target.web.cpu_seconds(backends) - before
    target.done += len(taken)
    target.times += taken


def _figures(target: Target) -> dict[str, float]:
    times = sorted(target.times)
    return {
        "per_second": target.done / target.seconds,
        "cpu_ms": 1000 * target.cpu / target.done,
        "p50_ms": 1000 * median(times),
        "p95_ms": 1000 * times[int(len(times) * 0.95)],
    }


def _targets(stack: ExitStack, others: int) -> dict[str, Target]:
    folder = Path(os.environ["DATA_DIR"])
    bare = _bare(stack, folder, rows=others)
    return {**bare, **_ours(stack, folder, others)}


def _bare(stack: ExitStack, folder: Path, rows: int) -> dict[str, Target]:
    administrator = os.environ["DATABASE_URL"]
    line = psycopg2.connect(administrator)
    line.autocommit = True
    with line.cursor() as cursor:
        cursor.execute("CREATE DATABASE bare")
    line.close()
    url = urlsplit(administrator)._replace(path="/bare").geturl()
    more = {"BARE_DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "bench.bare.settings"}
    fill = [sys.executable, "-m", "bench.bare.fill", str(max(rows, 1000))]
    filled = subprocess.run(fill, env={**os.environ, **more}, stdout=subprocess.PIPE, text=True, check=True)
    session = filled.stdout
    web = stack.enter_context(serving("bare", "bench.bare.wsgi:application", url, folder, more))
    cookies = {"sessionid": session, "csrftoken": TOKEN}
    typed = {
        "pain_move": 3,
        "pain_rest": 1,
        "pain_site": 1,
        "sign_3": "on",
        "walk": "house",
        "note": "Slept well.",
    }
    body = urlencode({"csrfmiddlewaretoken": TOKEN, **typed}).encode()
    return {
        "bare log": Target(web, _form("/log/", cookies, lambda: body)),
        "bare list": Target(web, _page("/list/", cookies)),
    }


def _ours(stack: ExitStack, folder: Path, others: int) -> dict[str, Target]:
    now = timezone.now()
    passwords = DataDir(folder).database_passwords(role.name for role in ROLES)
    url = as_role(os.environ["DATABASE_URL"], APP, passwords[APP.name])
    phones = people.phones(400, now)
    nurse, row = people.desk(others, now)
    with psycopg2.connect(os.environ["DATABASE_URL"]) as line:
        line.autocommit = True
        line.cursor().execute("ANALYZE")
    more = {"DATABASE_URL": url, "STAFF_SECOND_FACTOR": "0"}
    web = stack.enter_context(serving("product", "config.wsgi:application", url, folder, more))
    turns = cycle(phones)
    return {
        "submit": Target(web, _api(turns, CALM)),
        "submit-form": Target(web, _log_form(turns)),
        "submit-urgent": Target(web, _api(turns, {**CALM, **NUMB})),
        "worklist": Target(web, _page("/desk/", nurse)),
        "today": Target(web, _page("/today/", phones[0][1])),
        "chart": Target(web, _page(f"/desk/patients/{row.code}/", nurse)),
        "search": Target(web, _search(web, nurse)),
    }


def _cookie(cookies: people.Cookies) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}


def _page(path: str, cookies: people.Cookies) -> Ask:
    def ask(line: Line) -> None:
        status, body = line.ask("GET", path, _cookie(cookies))
        assert status == 200, (path, status, body[:200])

    return ask


def _form(path: str, cookies: people.Cookies, body: Callable[[], bytes]) -> Ask:
    headers = {**_cookie(cookies), "Content-Type": "application/x-www-form-urlencoded"}

    def ask(line: Line) -> None:
        status, found = line.ask("POST", path, headers, body())
        assert status in (200, 302, 303), (path, status, found[:300])

    return ask


def _search(web: Web, cookies: people.Cookies) -> Ask:
    """The worklist of searched people. How often somebody may search is bounded, so the words are sent before."""
    headers = {**_cookie({**cookies, "csrftoken": TOKEN}), "Content-Type": "application/x-www-form-urlencoded"}
    line, places = Line(web.place), []
    for n in range(SEARCHES):
        line.ask("POST", "/desk/", headers, urlencode({"csrfmiddlewaretoken": TOKEN, "q": f"row{n}"}).encode())
        places.append(line.location)
    turns = cycle(places)

    def ask(line: Line) -> None:
        place = next(turns)
        status, found = line.ask("GET", place, headers)
        assert status == 200, (place, status, found[:300])
        assert b"Recovers" in found, place

    return ask


def _api(turns: Iterator[tuple[people.Patient, people.Cookies]], answers: dict[str, object]) -> Ask:
    def ask(line: Line) -> None:
        _, cookies = next(turns)
        headers = {**_cookie({**cookies, "csrftoken": TOKEN}), "Content-Type": "application/json"}
        body = json.dumps({"client_id": str(uuid.uuid4()), "answers": answers}).encode()
        status, found = line.ask("POST", "/api/logs/", {**headers, "X-CSRFToken": TOKEN}, body)
        assert status == 201, (status, found[:300])

    return ask


def _log_form(turns: Iterator[tuple[people.Patient, people.Cookies]]) -> Ask:
    def ask(line: Line) -> None:
        patient, cookies = next(turns)
        typed = {"csrfmiddlewaretoken": TOKEN, "client_id": uuid.uuid4(), "about": patient.code, **CALM}
        headers = _cookie({**cookies, "csrftoken": TOKEN})
        body = urlencode(typed, doseq=True).encode()
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        status, found = line.ask("POST", "/log/", {**headers, **kind}, body)
        assert status in (302, 303), (status, found[:300])

    return ask


def report(found: dict[str, dict[str, float]]) -> list[str]:
    """The lines to print: goal, gate, figure, met or not."""
    lines = [machine()]
    for name, figures in found.items():
        told = f"{name:14} {figures['per_second']:7.1f} a second, CPU {figures['cpu_ms']:6.2f} ms"
        lines.append(f"{told}, p50 {figures['p50_ms']:6.1f} ms, p95 {figures['p95_ms']:6.1f} ms")
    for name, goal in GOALS.items():
        if name not in found:
            continue
        bare = found[goal.beside]
        rate, cpu = (found[name][what] / bare[what] for what in ("per_second", "cpu_ms"))
        told = f"{name:14} {rate:5.2f} of {goal.beside}"
        if not goal.rate:
            lines.append(f"{told}; CPU {cpu:5.2f} times")
            continue
        told += f", gate {goal.rate}, stretch {goal.rate_stretch}"
        met = rate >= goal.rate and (goal.cpu is None or cpu <= goal.cpu)
        most = f", gate {goal.cpu}" if goal.cpu else ""
        lines.append(f"{told}; CPU {cpu:5.2f} times{most}: {'met' if met else NOT_MET}")
    return lines
