"""The cast, for tests of people."""

from typing import Any

import pytest

from tests.patients import letterbox
from tests.people import Cast, cast


@pytest.fixture
def people(db: None) -> Cast:
    """Everybody at once."""
    return cast()


@pytest.fixture(autouse=True)
def empty_letterbox() -> None:
    """What another test was sent is no text of this one."""
    letterbox.empty()


@pytest.fixture(autouse=True)
def one_factor(settings: Any) -> None:
    """The second factor has tests of its own."""
    settings.STAFF_SECOND_FACTOR = False
