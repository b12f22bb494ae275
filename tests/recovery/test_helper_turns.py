"""A helper hands the job to another for a time: who gets the notes, until when, and that somebody always does."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from alerts.models import Delivery
from patients.models import AccessEvent, Caregiver, HelperTurn
from patients.selectors.people import helpers_to_tell
from patients.services.errors import NotPossible
from recovery.journey.turns import end_turn, hand_over, may_take, tell_due
from tests.patients.pages import signed_in, text
from tests.people import Cast, make_helper
from tests.recovery.conftest import NUMB, Send, send  # noqa: F401 - the fixture


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def ben(people: Cast) -> Caregiver:
    """A second helper, who gets notes too."""
    Caregiver.objects.filter(pk=people.helper.pk).update(may_be_alerted=True, relationship="Hilda, daughter")
    people.helper.refresh_from_db()
    return make_helper(people.patient, email="ben@example.org", may_be_alerted=True, relationship="Ben, <brother>")


def give(giver: Caregiver, taker: Caregiver, now: datetime, days: int = 3) -> HelperTurn:
    due_at = now + timedelta(days=days)
    return hand_over(giver=giver, taker_id=taker.pk, due_at=due_at, actor=giver.user, now=now)


def notes() -> list[Delivery]:
    return list(Delivery.objects.filter(message="helper_turn").order_by("pk"))


def told(people: Cast, now: datetime) -> set[int]:
    return {helper.pk for helper in helpers_to_tell(people.patient.pk, now)}


def test_the_other_gets_the_notes_until_the_time_and_both_are_told(
    people: Cast, ben: Caregiver, now: datetime
) -> None:
    hilda = people.helper
    turn = give(hilda, ben, now)
    assert told(people, now) == {ben.pk}
    assert told(people, now + timedelta(days=2, hours=23)) == {ben.pk}
    assert told(people, now + timedelta(days=3)) == {hilda.pk, ben.pk}
    assert tell_due(now) == 1
    assert [row.recipient for row in notes()] == [f"caregiver:{ben.pk}"]
    assert tell_due(turn.due_at - timedelta(seconds=1)) == 0
    assert tell_due(turn.due_at) == 1
    assert [row.recipient for row in notes()] == [f"caregiver:{ben.pk}", f"caregiver:{hilda.pk}"]
    assert tell_due(turn.due_at + timedelta(days=9)) == 0
    assert AccessEvent.objects.filter(patient=people.patient, action="handed the job of helping over").exists()


def test_an_urgent_log_tells_the_helper_whose_turn_it_is(
    people: Cast,
    ben: Caregiver,
    now: datetime,
    send: Send,  # noqa: F811
) -> None:
    give(people.helper, ben, now)
    send(NUMB)
    sent = Delivery.objects.filter(message__in=["helper_alert", "helper_unanswered"])
    assert {row.recipient.split("/")[0] for row in sent} == {f"caregiver:{ben.pk}"}


def test_ended_early_the_giver_hears_it_now_and_not_again(people: Cast, ben: Caregiver, now: datetime) -> None:
    turn = give(people.helper, ben, now)
    assert end_turn(turn=turn, actor=ben.user, now=now + timedelta(hours=1))
    assert told(people, now + timedelta(hours=1)) == {people.helper.pk, ben.pk}
    assert not end_turn(turn=turn, actor=ben.user, now=now + timedelta(hours=2))
    for hours in (1, 2, 90):
        tell_due(now + timedelta(hours=hours))
    assert [row.recipient for row in notes()] == [f"caregiver:{people.helper.pk}"]


@pytest.mark.parametrize(
    "change", [{"may_be_alerted": False}, {"removed_at": timezone.now()}, {"expires_at": timezone.now()}]
)
def test_when_the_other_gets_no_notes_any_more_the_first_does(
    people: Cast, ben: Caregiver, now: datetime, change: dict[str, object]
) -> None:
    give(people.helper, ben, now)
    Caregiver.objects.filter(pk=ben.pk).update(**change)
    assert told(people, now + timedelta(minutes=1)) == {people.helper.pk}


def test_a_turn_adds_no_right_and_never_goes_round(people: Cast, ben: Caregiver, now: datetime) -> None:
    carl = make_helper(people.patient, email="carl@example.org", may_be_alerted=False)
    with pytest.raises(NotPossible):
        give(people.helper, carl, now)
    give(people.helper, ben, now)
    assert people.helper.pk not in {one.pk for one in may_take(ben, now)}
    with pytest.raises(NotPossible):
        give(ben, people.helper, now)
    HelperTurn.objects.create(
        patient=people.patient, giver=ben, taker=people.helper, began_at=now, due_at=now + timedelta(days=1)
    )
    assert told(people, now) == {people.helper.pk, ben.pk}


def test_a_second_hand_over_takes_the_place_of_the_first(people: Cast, ben: Caregiver, now: datetime) -> None:
    dora = make_helper(people.patient, email="dora@example.org", may_be_alerted=True)
    give(people.helper, ben, now)
    give(people.helper, dora, now + timedelta(hours=1))
    assert HelperTurn.objects.get(ended_at__isnull=True).taker == dora
    tell_due(now + timedelta(hours=2))
    assert [row.recipient for row in notes()] == [f"caregiver:{dora.pk}"]
    give(people.helper, ben, now + timedelta(days=9))
    assert HelperTurn.objects.filter(ended_at__isnull=True).count() == 1


@pytest.mark.slow
def test_the_page_hands_over_says_what_is_wrong_and_ends_it(people: Cast, ben: Caregiver, now: datetime) -> None:
    phone = signed_in(people.helper)
    assert "Ben, &lt;brother&gt;" in text(phone.get("/my/turn/"))
    wrong = phone.post("/my/turn/", {"taker": str(ben.pk), "until": "2020-01-01"})
    assert wrong.status_code == 422
    assert "at most 30 days ahead" in text(wrong)
    assert phone.post("/my/turn/", {"taker": "999999", "until": "2020-01-01"}).status_code == 422
    until = (now + timedelta(days=2)).date().isoformat()
    assert phone.post("/my/turn/", {"taker": str(ben.pk), "until": until}).status_code == 302
    assert "You handed over" in text(phone.get("/my/turn/"))
    assert "It is your turn" in text(signed_in(ben).get("/my/turn/"))
    turn = HelperTurn.objects.get()
    assert phone.post("/my/turn/", {"end": "x"}).status_code == 302
    phone.post("/my/turn/", {"end": str(turn.pk)})
    turn.refresh_from_db()
    assert turn.ended_by == people.helper.user


def test_a_stranger_to_the_turn_does_not_end_it(people: Cast, ben: Caregiver, now: datetime) -> None:
    turn = give(people.helper, ben, now)
    dora = make_helper(people.patient, email="dora@example.org", may_be_alerted=True)
    signed_in(dora).post("/my/turn/", {"end": str(turn.pk)})
    turn.refresh_from_db()
    assert turn.ended_at is None


def test_today_says_whose_turn_it_is_to_who_took_and_who_gave_it(
    people: Cast, ben: Caregiver, now: datetime
) -> None:
    third = make_helper(people.patient, email="cora@example.org", may_be_alerted=True)
    give(people.helper, ben, now)
    pages = [signed_in(one).get("/today/") for one in (ben, people.helper, third)]
    taker, giver, other = (" ".join(text(page).split()) for page in pages)
    assert "It is your turn. You help Rosa instead of: Hilda, daughter. Until the end of" in taker
    assert "You handed over. Who helps Rosa now: Ben, &lt;brother&gt;. Until the end of" in giver
    assert "/my/turn/" not in other
