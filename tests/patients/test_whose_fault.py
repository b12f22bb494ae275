"""Which address a message that could not arrive is blamed on."""

from datetime import timedelta

import pytest
from django.utils import timezone

from patients.models import ContactMethod
from patients.reaching.contact_outcomes import note_failure
from tests.people import Cast, make_mobile


@pytest.mark.parametrize(("minutes", "blamed"), [(-60, True), (-1, True), (1, False), (60, False)])
def test_an_address_that_was_verified_after_the_message_was_taken_up_is_not_to_blame(
    people: Cast, minutes: int, blamed: bool
) -> None:
    claimed = timezone.now() - timedelta(minutes=90)
    make_mobile(people.nurse, "+13125550111", verified_at=claimed + timedelta(minutes=minutes))
    note_failure(f"staff:{people.nurse.pk}", "sms", "not a mobile", claimed, timezone.now())
    assert (ContactMethod.objects.get(address="+13125550111").last_failed_at is not None) is blamed
