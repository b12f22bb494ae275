"""The cast and a fixed moment, for tests of alerts."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.people import Cast, cast

# A Wednesday, 10:00 in Chicago.
NOW = datetime(2026, 6, 10, 15, 0, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    """The moment a test starts; it moves time itself."""
    return NOW


@pytest.fixture
def people(db: None) -> Cast:
    """Everybody at once."""
    return cast()


@pytest.fixture(autouse=True)
def one_factor(settings: Any) -> None:
    """The second factor has tests of its own."""
    settings.STAFF_SECOND_FACTOR = False
