"""The phone's evaluator for the tests that compare it: under Node, else in Chromium."""

import os
import shutil
from collections.abc import Iterator

import pytest

from recovery.management.phone_engine import InChromium, InNode, Phone
from tests.chromium import find_chromium
from tests.triage.phone import NO_ENGINE


@pytest.fixture(scope="session")
def phone(request: pytest.FixtureRequest) -> Iterator[Phone]:
    """One evaluator for the whole run; without any the tests are skipped, or fail where a browser is demanded."""
    if node := shutil.which("node"):
        with InNode(node) as engine:
            yield engine
    elif find_chromium():
        yield InChromium(request.getfixturevalue("browser").new_page())
    elif os.environ.get("REQUIRE_BROWSER") == "1":
        pytest.fail(NO_ENGINE, pytrace=False)
    else:
        pytest.skip(NO_ENGINE)
