"""Whoever a change of the on-call week is about gets a message; it says only that there is news."""

from datetime import timedelta

import pytest
from django.utils import timezone

from alerts.messaging.delivery_list import MESSAGES
from alerts.messaging.message_texts import LINKS, render
from alerts.models import Delivery, OnCallShift
from alerts.oncall.gaps import Span
from alerts.oncall.shifts import add_shifts, change_shift, remove_shift, take_part, version_of
from patients.models import Staff
from tests.alerts.steps import shift
from tests.alerts.test_deliveries_page import PAGE as DELIVERIES
from tests.alerts.test_policy_page import browser
from tests.patients import pages
from tests.people import Cast

HOUR = timedelta(hours=1)
# Said by the watchdog's own way, which is no row.
NO_ROWS = {"staff_watchdog", "staff_watchdog_over", "staff_watchdog_warning"}


@pytest.fixture
def row(people: Cast) -> OnCallShift:
    """Nora's: from in two hours, for eight."""
    return shift(people.nurse, timezone.now() + 2 * HOUR, 8)


def told() -> set[str]:
    """Who has news about on call."""
    return set(Delivery.objects.filter(message="staff_oncall").values_list("recipient", flat=True))


def names(*people: Staff) -> set[str]:
    return {f"staff:{person.pk}" for person in people}


def span(row: OnCallShift) -> Span:
    return Span(row.starts_at, row.ends_at)


def test_the_owner_hears_that_a_manager_removed_the_shift(people: Cast, row: OnCallShift) -> None:
    remove_shift(by=people.manager, shift=row, seen=version_of(row), now=timezone.now())
    assert told() == names(people.nurse)


def test_both_hear_that_a_manager_gave_the_shift_to_somebody_else(people: Cast, row: OnCallShift) -> None:
    now = timezone.now()
    change_shift(by=people.manager, shift=row, person=people.nurse2, span=span(row), seen=version_of(row), now=now)
    assert told() == names(people.nurse, people.nurse2)


def test_a_shift_saved_as_it_was_is_no_news(people: Cast, row: OnCallShift) -> None:
    change_shift(
        by=people.manager, shift=row, person=people.nurse, span=span(row), seen=version_of(row), now=timezone.now()
    )
    assert told() == set()


def test_both_hear_of_a_part_but_not_whoever_put_themself_in(people: Cast, row: OnCallShift) -> None:
    part = Span(row.starts_at, row.starts_at + HOUR)
    take_part(by=people.nurse2, shift=row, person=people.nurse2, span=part, now=timezone.now())
    assert told() == names(people.nurse)
    later = Span(row.starts_at + HOUR, row.starts_at + 2 * HOUR)
    take_part(by=people.manager, shift=row, person=people.nurse2, span=later, now=timezone.now())
    assert told() == names(people.nurse, people.nurse2)


def test_somebody_hears_once_of_new_shifts(people: Cast) -> None:
    now = timezone.now()
    spans = [Span(now + n * 24 * HOUR, now + n * 24 * HOUR + HOUR) for n in range(1, 4)]
    add_shifts(by=people.manager, person=people.nurse, spans=spans, now=now)
    assert Delivery.objects.filter(message="staff_oncall").count() == 1


def test_a_shift_that_is_over_and_somebody_who_left_are_no_news(people: Cast) -> None:
    now = timezone.now()
    over = shift(people.nurse, now - 9 * HOUR, 8)
    remove_shift(by=people.manager, shift=over, seen=version_of(over), now=now)
    coming = shift(people.nurse2, now, 8)
    Staff.objects.filter(pk=people.nurse2.pk).update(active=False)
    coming = OnCallShift.objects.get(pk=coming.pk)
    remove_shift(by=people.manager, shift=coming, seen=version_of(coming), now=now)
    assert told() == set()


def test_the_message_says_where_to_look_and_no_more(people: Cast, row: OnCallShift) -> None:
    remove_shift(by=people.manager, shift=row, seen=version_of(row), now=timezone.now())
    text = render("staff_oncall", Delivery.objects.get(message="staff_oncall").context)
    assert "/desk/oncall/" in text.body
    assert people.nurse.name not in text.body
    assert "News about on call" in pages.text(browser(people.manager).get(DELIVERIES))


def test_every_message_has_words_for_the_page_of_deliveries() -> None:
    assert set(LINKS) - NO_ROWS - set(MESSAGES) == set()
