"""What is told again is not always the same: the newest first, then in turn, and how many are left out."""

from typing import Any

import pytest

from alerts.messaging.message_texts import render
from alerts.monitoring import second_route
from alerts.monitoring.notify_policy import Teller


def test_each_time_it_is_told_again_another_one_is_the_first() -> None:
    told: list[list[str]] = []

    def tell(message: str, lines: list[str], *, everybody: bool) -> bool:
        told.append(lines)
        return True

    teller = Teller(tell=tell)
    broken = {"a": "one", "b": "two", "c": "three"}
    for _ in range(4):
        teller.look(broken)
        teller.told_at = float("-inf")
    assert [lines[0] for lines in told] == ["a: one", "b: two", "c: three", "a: one"]
    assert all(len(lines) == 3 for lines in told)
    teller.look({**broken, "new": "four"})
    assert told[-1][0] == "new: four"


@pytest.mark.parametrize(("count", "words"), [(1, ""), (2, "(and 1 more)"), (5, "(and 4 more)")])
def test_a_text_says_how_many_it_leaves_out(count: int, words: str) -> None:
    body = render("staff_watchdog", {"broken": [f"p{n}: x" for n in range(count)]}, "sms").body
    assert "p0: x" in body
    assert words in body
    assert ("more)" in body) == bool(words)


def test_whoever_there_was_no_time_for_is_told_first_the_next_time(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.WATCHDOG_EMAIL, settings.WATCHDOG_PHONE, settings.WATCHDOG_COMMAND = "ops@example.org", "", ""
    everybody = ["ops@example.org", *(f"m{n}@example.org" for n in range(4))]
    monkeypatch.setattr(second_route, "contacts", lambda: {"emails": everybody, "phones": []})
    told: list[str] = []
    clock = iter(float(n * 10) for n in range(1000))
    monkeypatch.setattr(second_route.time, "monotonic", lambda: next(clock))

    class Slow:
        def send_messages(self, messages: list[Any]) -> int:
            told.extend(messages[0].to)
            return 1

    monkeypatch.setattr(second_route, "_mailer", Slow)
    for _ in range(3):
        assert second_route.tell("staff_watchdog", ["x: y"])
    assert set(told) == set(everybody)
    assert told.count("ops@example.org") == 3
