"""The sign-in card: to print, to hand over, to replace."""

import re

from django.conf import settings
from django.utils import timezone

from patients.models import AccessEvent, User
from patients.sign_in import cards
from tests.patients.pages import signed_in, strangers, text
from tests.people import Cast


def address(people: Cast) -> str:
    return f"/desk/patients/{people.patient.code}/card/"


def closed_up(page: str) -> str:
    """Without the white space beside tags, which no browser shows in a list of facts."""
    return re.sub(r">\s+|\s+<", lambda found: found[0].strip(), page)


def test_it_shows_name_code_calls_and_how_to_sign_in(people: Cast) -> None:
    page = text(signed_in(people.nurse).get(address(people)))
    for words in ("Rosa Recovers", '<svg class="qr"', "(312) 555-0100", "Call 911", "Send me a code"):
        assert words in page
    assert settings.BASE_URL.split("://")[1] in page


def test_the_drawing_carries_the_link_and_nothing_runs_in_it(people: Cast) -> None:
    link = cards.card_link(people.patient)
    assert link == f"{settings.BASE_URL}/hello/{people.patient.card_token}/"
    drawing = cards.qr_svg(link)
    assert drawing.startswith("<svg")
    assert "script" not in drawing
    assert "style=" not in drawing
    assert cards.qr_svg("x") != drawing


def test_a_new_card_voids_the_old_one(people: Cast) -> None:
    old = people.patient.card_token
    signed_in(people.nurse).post(address(people))
    people.patient.refresh_from_db()
    assert people.patient.card_token != old
    assert cards.card_holder(old) is None
    assert cards.card_holder(people.patient.card_token) == people.patient


def test_looking_and_replacing_are_written_down(people: Cast) -> None:
    signed_in(people.nurse).post(address(people))
    actions = AccessEvent.objects.filter(patient=people.patient).values_list("action", flat=True)
    assert {"opened the card", "made a new card"} <= set(actions)


def test_strangers_find_no_card(people: Cast) -> None:
    assert [client.get(address(people)).status_code for client in strangers(people)] == [404] * 4


def test_the_card_for_emergency_staff_says_what_the_record_knows(people: Cast) -> None:
    page = closed_up(text(signed_in(people.nurse).get(address(people))))
    assert "<dt>Cement leak</dt><dd>None on file</dd>" in page
    assert "<dt>Allergies</dt><dd>None on file</dd>" in page
    people.procedure.cement_leakage, people.procedure.allergies = True, "Contrast <dye>"
    people.procedure.blood_thinner_held = True
    people.procedure.save()
    page = closed_up(text(signed_in(people.nurse).get(address(people))))
    assert "<strong>Yes, seen by the team</strong>" in page
    assert "<dd>Contrast &lt;dye&gt;</dd>" in page
    assert "<dt>Blood thinner</dt><dd>On hold</dd>" in page
    assert "<dd>L1, " in page


def test_the_card_for_emergency_staff_names_a_blood_thinner_that_goes_on(people: Cast) -> None:
    people.procedure.blood_thinner_continued, people.procedure.blood_thinner_name = True, "apixaban 5 mg"
    people.procedure.surgeon = "Dr. Ada Chen"
    people.procedure.save()
    page = closed_up(text(signed_in(people.nurse).get(address(people))))
    assert "<dt>Blood thinner</dt><dd><strong>Takes apixaban 5 mg</strong></dd>" in page
    assert "Dr. Ada Chen" in page


def test_without_a_watched_recovery_there_is_no_card_for_emergency_staff(people: Cast) -> None:
    people.procedure.closed_at = timezone.now()
    people.procedure.save()
    assert "For emergency staff" not in text(signed_in(people.nurse).get(address(people)))


def test_the_card_is_in_the_language_of_the_patient_and_staff_may_choose_another(people: Cast) -> None:
    User.objects.filter(pk=people.patient.user_id).update(language="es")
    page = text(signed_in(people.nurse).get(address(people)))
    assert "Toque <strong>Mándenme un código</strong>." in page
    assert 'lang="es" aria-label="Card to print"' in page
    assert "The patient reads Español." in page
    # What emergency staff read, and the page around the cards, stay English.
    assert "Takes" in page or "None on file" in page
    assert "Done: open the chart" in page
    english = text(signed_in(people.nurse).get(address(people), {"language": "en"}))
    assert "Tap <strong>Send me a code</strong>." in english
    assert "Toque" not in english
    assert "Toque" in text(signed_in(people.nurse).get(address(people), {"language": "xx"}))
