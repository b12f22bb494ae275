"""What every test can count on. The engines and the settings come from the plugin tests.engines."""

import gc
import os
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.db import connections
from django.template import Template
from django.template.context import BaseContext
from django.test import TransactionTestCase
from django.test.signals import template_rendered
from whitenoise.middleware import WhiteNoiseMiddleware

from alerts.integrity import epochs
from config.hashing import OneAtATimeHasher
from ops import roles
from patients.sign_in import recovery_codes
from patients.wall.roles import APP
from tests import database, template
from tests.chromium import ARGUMENTS, NOT_FOUND, find_chromium
from tests.depth import examples, one_case_of_each
from tests.emptying import empty
from tests.spent import Spent
from tests.triage.counter import Counter
from tests.waiting import until

FIND_STATIC_FILES = WhiteNoiseMiddleware.add_files_from_finders


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that asks for a page is a browser test, marked or not.

    What drives a browser or processes in real time gets a second try: on a busy machine five seconds may not be
    enough for a page. Where a landing waits for the run (CI), everything gets one. Who needed it is named.
    """
    items[:] = one_case_of_each(items)
    all_again = bool(os.environ.get("CI"))
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
        if all_again or item.get_closest_marker("browser") or item.get_closest_marker("processes"):
            item.add_marker(pytest.mark.flaky(reruns=1, reruns_delay=2))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Without a browser, browser tests are skipped in one clear line; where one is demanded they fail."""
    if item.get_closest_marker("browser") and find_chromium() is None:
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(NOT_FOUND, pytrace=False)
        pytest.skip(NOT_FOUND)


def pytest_collection_finish() -> None:
    """What was imported stays until the end: nothing looks through it for garbage thousands of times."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


@pytest.fixture(scope="session", autouse=True)
def pages_cost_what_they_cost(django_test_environment: None) -> None:
    """A test is told of each page, not of every field and part in it; the static files are found once."""
    Template._render = _tell_of_the_page
    found: dict[str, Any] = {}

    def once(middleware: WhiteNoiseMiddleware) -> None:
        if not found:
            FIND_STATIC_FILES(middleware)
            found.update(middleware.files)
        middleware.files = dict(found)

    WhiteNoiseMiddleware.add_files_from_finders = once


def _tell_of_the_page(template: Template, context: BaseContext) -> str:
    if context.template is template and getattr(context, "request", None):
        template_rendered.send(sender=template, template=template, context=context)
    return template.nodelist.render(context)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object]) -> dict[str, object]:
    """Drive this machine's Chromium, without a sandbox and without any traffic of its own."""
    return {**browser_type_launch_args, "executable_path": find_chromium(), "args": ARGUMENTS}


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """Test databases are copies of one that is migrated already."""
    connections["default"].settings_dict["TEST"]["TEMPLATE"] = template.ready()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """The test database has the roles, the owner and the grants of a real one."""
    with django_db_blocker.unblock():
        roles.prepare(database.administrator(), database.passwords())
        roles.let_sign(database.administrator(), settings.WALL_SECRET)


@pytest.fixture(autouse=True)
def answered_to_the_end(request: pytest.FixtureRequest, _django_db_marker: None) -> Iterator[None]:
    """What a page asked for last is answered before the rows it asks for are taken away."""
    yield
    if "live_server" not in request.fixturenames:
        return
    with suppress(AssertionError):
        until(lambda: not any("process_request_thread" in one.name for one in threading.enumerate()))


@pytest.fixture(autouse=True)
def no_line_is_kept() -> Iterator[None]:
    """A connection that one test opened is not seen by the next."""
    yield
    database.close_kept_lines()


@pytest.fixture
def nothing_runs_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """What pages keep for seconds does not run out between a first look and one whose statements are counted."""
    above = ("on_duty", "broken_promises", "stuck_work", "unread_words")
    desk = (f"recovery.desk.worklist.{name}" for name in above)
    for module in ("alerts.integrity.epochs", *desk):
        monkeypatch.setattr(f"{module}.KEPT_SECONDS", 600.0)
    monkeypatch.setattr("alerts.clock.HEARD_FOR_SECONDS", 600.0)
    # A restore that an earlier test played costs every page of the desk one statement.
    epochs.forget()


def pytest_configure(config: pytest.Config) -> None:
    """The workers of a parallel run count for themselves; the first process adds up what they send.

    A test thinks inside a transaction: on a busy machine for longer than the product lets one rest.
    """
    # How fast a test is says nothing about the product.
    hypothesis.settings.register_profile(
        "untimed",
        max_examples=examples(100),
        deadline=None,
        suppress_health_check=[hypothesis.HealthCheck.too_slow],
    )
    hypothesis.settings.load_profile("untimed")
    # A password and a recovery code are slow to try on purpose. That is worth its time where people sign in.
    OneAtATimeHasher.iterations = 1
    recovery_codes.SCRYPT_N = 2
    TransactionTestCase._fixture_teardown = empty
    # A test looks as the owner; the requests it makes run as the pages do, behind the same wall.
    settings.DATABASES["default"]["REQUESTS_AS"] = APP.name
    options = settings.DATABASES["default"]["OPTIONS"]
    options["options"] = options["options"].replace("session_timeout=10s", "session_timeout=120s")
    if config.pluginmanager.hasplugin("xdist"):
        config.pluginmanager.register(_Workers())
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Spent())


class _Workers:
    def pytest_testnodedown(self, node: Any) -> None:
        Counter.add(*getattr(node, "workeroutput", {}).get("compared", (0, 0)))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Only in a worker: what it counted, for the first process."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["compared"] = (Counter.compared, Counter.mutants)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if Counter.compared:
        told = f"{Counter.compared:,} evaluations compared, {Counter.mutants} mutants caught"
        terminalreporter.write_line(told)
