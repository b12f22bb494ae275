"""Checks the dates that the plan counts from: none before the procedure; a far one is asked back."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from patients.forms.asked_back import FAR_AHEAD, RESTART_AHEAD, AsksBack, far_ahead, long_ago, over_already

BEFORE = "This is before the procedure. Check the year."
Question = Callable[[date, date], str]


def _soon(most: timedelta) -> Question:
    """Return a question about a past day, or a day more than `most` ahead."""
    return lambda day, today: over_already(day, today) or far_ahead(day, today, most)


# The question for each date that the plan uses.
DAYS: dict[str, Question] = {
    "thinner_restart_on": _soon(RESTART_AHEAD),
    "pt_start_on": _soon(FAR_AHEAD),
    "next_visit_at": _soon(FAR_AHEAD),
    "brace_until": far_ahead,
    "new_fracture_on": lambda day, today: "",
}


def check_days(form: AsksBack, data: dict[str, Any], now: datetime) -> None:
    """Check the dates that were changed on this form. now: in the zone of the form's times."""
    ended: datetime | None = data.get("ended_at") or form.initial.get("ended_at")
    if data.get("ended_at") and "ended_at" in form.changed_data:
        form.ask_back("ended_at", long_ago(data["ended_at"], now))
    first = ended.astimezone(now.tzinfo).date() if ended else None
    for name, question in DAYS.items():
        value = data.get(name)
        if value and name in form.changed_data:
            day = value.astimezone(now.tzinfo).date() if isinstance(value, datetime) else value
            _check(form, name, [day], first, question, now.date())
    if "meds_on_hold" in form.changed_data:
        meds = data.get("meds_on_hold") or []
        days = [date.fromisoformat(item["restart_on"]) for item in meds if item["restart_on"]]
        _check(form, "meds_on_hold", days, first, far_ahead, now.date())


def _check(
    form: AsksBack, name: str, days: list[date], first: date | None, question: Question, today: date
) -> None:
    if first and any(day < first for day in days):
        form.add_error(name, BEFORE)
    else:
        form.ask_back(name, " ".join(filter(None, (question(day, today) for day in days))))
