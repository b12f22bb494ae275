"""The calendar of plan and visits: secret, without a health word unless asked, and each date stays one entry."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from icalendar import Calendar

from patients.models import AccessEvent, CalendarFeed, Caregiver, Patient, Procedure
from patients.services.calendars import end_address, hash_of, make_address, set_words
from recovery.models import CalendarEntry
from tests.patients.pages import just_shown, signed_in, text
from tests.people import Cast

HEALTH = re.compile(
    r"kypho|spine|recover|surg|medic|pain|thinner|driv|lift|exercise|bone|walk|clinic|patient|doctor|nurse", re.I
)


@pytest.fixture
def people(people: Cast) -> Cast:
    Procedure.objects.filter(pk=people.procedure.pk).update(
        ended_at=timezone.now() - timedelta(days=1),
        next_visit_at=timezone.now().replace(microsecond=0) + timedelta(days=9),
        next_visit_with="Dr. Chen; bone, and pain",
    )
    return people


def made(people: Cast, *, in_words: bool = False) -> str:
    assert people.patient.user
    return make_address(patient=people.patient, user=people.patient.user, in_words=in_words, now=timezone.now())


def fetch(secret: str, **headers: str) -> Any:
    return Client().get(f"/calendar/{secret}.ics", headers=headers)


def events(secret: str) -> dict[str, Any]:
    """The entries by their UID, as the library reads them back."""
    answer = fetch(secret)
    assert answer.status_code == 200, answer.content
    found = Calendar.from_ical(answer.content)
    assert (str(found["VERSION"]), str(found["METHOD"])) == ("2.0", "PUBLISH")
    return {str(event["UID"]): event for event in found.walk("VEVENT")}


def visits(secret: str) -> list[Any]:
    return [event for event in events(secret).values() if event["TRANSP"] == "OPAQUE"]


def test_it_holds_the_visit_and_the_steps_in_utc(people: Cast) -> None:
    secret = made(people)
    procedure = Procedure.objects.get(pk=people.procedure.pk)
    [visit] = visits(secret)
    assert visit.decoded("DTSTART") == procedure.next_visit_at
    assert visit["DTSTART"].to_ical().endswith(b"Z")
    assert visit["STATUS"] == "CONFIRMED"
    steps = [event for event in events(secret).values() if event["TRANSP"] == "TRANSPARENT"]
    assert len(steps) > 5
    assert all(event.decoded("DTSTART") > procedure.ended_at for event in steps)


def test_no_word_says_what_it_is_about_unless_asked(people: Cast) -> None:
    secret = made(people)
    shown = re.sub(r"^URL:.*\r\n", "", fetch(secret).content.decode().replace("\r\n ", ""), flags=re.MULTILINE)
    assert HEALTH.findall(shown) == []
    assert people.patient.first_name not in shown
    user = people.patient.user
    assert user
    set_words(patient=people.patient, user=user, in_words=True, now=timezone.now())
    asked = {str(event["SUMMARY"]) for event in events(secret).values()}
    assert {"Visit: Dr. Chen; bone, and pain", "Look at your plan: Driving"} <= asked


def test_it_says_in_both_ways_how_often_to_ask(people: Cast) -> None:
    body = fetch(made(people)).content
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT4H\r\n" in body
    assert b"X-PUBLISHED-TTL:PT4H\r\n" in body


def test_lines_are_folded_and_words_escaped(people: Cast) -> None:
    Procedure.objects.update(next_visit_with="Dr. Ñandú, " + "é;" * 50)
    body = fetch(made(people, in_words=True)).content
    assert b"\\," in body
    assert b"\\;" in body
    assert max(len(line) for line in body.split(b"\r\n")) <= 75
    assert any("Ñandú, é;" in str(event["SUMMARY"]) for event in Calendar.from_ical(body).walk("VEVENT"))


def test_a_date_that_moves_changes_the_same_entry(people: Cast) -> None:
    secret = made(people)
    [before] = visits(secret)
    later = timezone.now().replace(microsecond=0) + timedelta(days=12)
    Procedure.objects.update(next_visit_at=later)
    [after] = visits(secret)
    assert after["UID"] == before["UID"]
    assert after.decoded("DTSTART") == later
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (0, 1)
    assert visits(secret)[0]["SEQUENCE"] == 1
    Procedure.objects.update(next_visit_at=None)
    [gone] = visits(secret)
    assert (gone["UID"], gone["STATUS"], gone["SEQUENCE"]) == (before["UID"], "CANCELLED", 2)
    Procedure.objects.update(next_visit_at=later)
    [back] = visits(secret)
    assert (back["UID"], back["STATUS"], back["SEQUENCE"]) == (before["UID"], "CONFIRMED", 3)


def test_the_visit_after_a_visit_is_an_entry_of_its_own(people: Cast) -> None:
    secret = made(people)
    [first] = visits(secret)
    past = timezone.now().replace(microsecond=0) - timedelta(hours=2)
    CalendarEntry.objects.filter(key="visit:1").update(starts_at=past)
    [kept, second] = sorted(visits(secret), key=lambda event: event.decoded("DTSTART"))
    assert (kept["UID"], kept.decoded("DTSTART"), kept["STATUS"]) == (first["UID"], past, "CONFIRMED")
    assert second["UID"] != first["UID"]


def test_a_change_of_the_clocks_between_moves_nothing(people: Cast) -> None:
    """Fourteen days over the night of 2026-11-01 in Chicago: the same wall time, an hour more."""
    ended = datetime(2026, 10, 25, 15, 30, tzinfo=UTC)
    Patient.all_clinics.filter(pk=people.patient.pk).update(timezone="America/Chicago")
    Procedure.objects.update(ended_at=ended, next_visit_at=None)
    secret = made(people)
    events(secret)
    assert CalendarEntry.objects.get(key="M-LIGHT-14D").starts_at == datetime(2026, 11, 8, 16, 30, tzinfo=UTC)
    assert b"20261108T163000Z" in fetch(secret).content


def test_the_same_calendar_is_not_sent_twice(people: Cast) -> None:
    secret = made(people)
    first = fetch(secret)
    assert first["Cache-Control"] == "private, no-cache"
    assert first["Content-Type"] == "text/calendar; charset=utf-8"
    assert fetch(secret, **{"If-None-Match": first["ETag"]}).status_code == 304
    Procedure.objects.update(next_visit_at=timezone.now() + timedelta(days=20))
    assert fetch(secret, **{"If-None-Match": first["ETag"]}).status_code == 200


def test_the_secret_is_stored_as_a_hash_alone_and_ends_when_renewed_or_ended(people: Cast) -> None:
    secret = made(people)
    assert secret not in str(list(CalendarFeed.objects.values_list()))
    assert CalendarFeed.objects.get().secret_hash == hash_of(secret)
    renewed = made(people)
    assert (fetch(secret).status_code, fetch(renewed).status_code) == (404, 200)
    user = people.patient.user
    assert user
    end_address(patient=people.patient, user=user, now=timezone.now())
    assert fetch(renewed).status_code == 404


def test_a_helpers_calendar_ends_with_their_right(people: Cast) -> None:
    secret = make_address(patient=people.patient, user=people.helper.user, in_words=False, now=timezone.now())
    assert fetch(secret).status_code == 200
    Caregiver.objects.filter(pk=people.helper.pk).update(removed_at=timezone.now())
    assert fetch(secret).status_code == 404


def test_a_person_who_may_not_sign_in_has_no_calendar(people: Cast) -> None:
    secret = made(people)
    assert people.patient.user
    people.patient.user.is_active = False
    people.patient.user.save()
    assert fetch(secret).status_code == 404


def test_without_a_watched_recovery_the_calendar_is_empty_and_still_one(people: Cast) -> None:
    secret = made(people)
    Procedure.objects.update(closed_at=timezone.now())
    assert events(secret) == {}
    assert Calendar.from_ical(fetch(secret).content).subcomponents


@pytest.mark.slow
def test_too_many_questions_wait_and_guesses_too(people: Cast) -> None:
    secret = made(people)
    assert [fetch(secret).status_code for _ in range(11)] == [200] * 10 + [429]
    assert fetch(secret)["Retry-After"] == "600"
    assert {fetch(f"guess-{n}").status_code for n in range(30)} == {404}
    assert fetch("guess").status_code == 429


def test_reads_are_written_down_once_a_day(people: Cast) -> None:
    secret = made(people)
    fetch(secret)
    fetch(secret)
    looks = AccessEvent.objects.filter(patient=people.patient, action="calendar app read the plan")
    assert looks.count() == 1
    assert CalendarFeed.objects.get().read_at is not None


def test_the_page_shows_the_address_once_after_the_person_showed_who_they_are(people: Cast) -> None:
    phone = signed_in(people.patient)
    asked = phone.post("/my/calendar/", {"do": "make"})
    assert asked.status_code == 302
    assert not CalendarFeed.objects.exists()
    just_shown(phone)
    assert phone.post("/my/calendar/", {"do": "make", "in_words": "on"}).status_code == 302
    page = text(phone.get("/my/calendar/"))
    [secret] = set(re.findall(r"/calendar/([\w-]+)\.ics", page))
    assert "webcal://" in page
    assert any("Driving" in str(event["SUMMARY"]) for event in events(secret).values())
    assert secret not in text(phone.get("/my/calendar/"))
    phone.post("/my/calendar/", {"do": "words"})
    assert not CalendarFeed.objects.get().in_words
    phone.post("/my/calendar/", {"do": "end"})
    assert fetch(secret).status_code == 404
    assert phone.post("/my/calendar/", {"do": "nonsense"}).status_code == 404
