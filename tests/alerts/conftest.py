"""The cast and a fixed moment, for tests of alerts."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.people import Cast, cast
from tests.simulator import ACCOUNT, NUMBER, TOKEN, Simulator, running_simulator

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


@pytest.fixture
def simulator(tmp_path: Path, settings: Any) -> Iterator[Simulator]:
    """A simulated SMS provider, and settings that use it."""
    with running_simulator(tmp_path) as found:
        settings.SMS_BACKEND = "alerts.messaging.channels.twilio.Twilio"
        settings.SMS_API_URL = found.url
        settings.SMS_ACCOUNT, settings.SMS_TOKEN, settings.SMS_FROM = ACCOUNT, TOKEN, NUMBER
        yield found
