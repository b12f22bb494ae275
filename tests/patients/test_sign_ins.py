"""Where people are signed in: they see it, they end it, and so does their clinic when a phone is lost."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from patients.clock import db_now
from patients.models import FactorRescue, TrailEvent, User
from patients.services import rescue
from patients.services.errors import NotPossible
from patients.services.sessions import sign_ins
from patients.sign_in.factor_secrets import activate_app
from recovery.models import PhoneKey
from tests.patients.pages import just_shown, signed_in, strangers, text
from tests.people import Cast, make_staff
from tests.waiting import until

MINE, OWN, STAFF, BACK = "/my/phones/", "/accounts/sessions/", "/desk/staff/", "/desk/way-back/"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Safari/604.1"
BACKEND = "django.contrib.auth.backends.ModelBackend"


def phone_of(user: User, agent: str = IPHONE) -> Client:
    """A phone on which this person has just signed in and looked around."""
    client = Client(headers={"User-Agent": agent})
    client.force_login(user, backend=BACKEND)
    client.get("/my/helpers/")
    return client


@pytest.fixture
def rosa(people: Cast) -> User:
    assert people.patient.user
    return people.patient.user


@pytest.mark.parametrize("whose", ["patient", "helper"])
def test_a_patient_and_a_helper_see_and_end_their_own(people: Cast, whose: str) -> None:
    user = getattr(people, whose).user
    here, lost = just_shown(signed_in(user)), signed_in(user)
    lost.get("/today/")
    here.get("/today/")
    page = text(here.get(MINE))
    assert page.count("(this one)") == 1
    assert page.count("Sign out there") == 1
    other = next(one for one in sign_ins(user) if f'value="{one.name}"' in page)
    answer = here.post(OWN, {"name": other.name, "next": MINE})
    assert answer.url == MINE
    assert lost.get("/today/").status_code == 302
    assert here.get("/today/").status_code == 200
    assert TrailEvent.objects.filter(what="session_ended", user=user, by=user).count() == 1


def test_everywhere_else_is_one_press(rosa: User) -> None:
    here, *others = [phone_of(rosa) for _ in range(3)]
    just_shown(here).post(OWN, {"others": "1"})
    assert [one.get("/today/").status_code for one in (here, *others)] == [200, 302, 302]


def test_nobody_ends_somebody_else_s(people: Cast, rosa: User) -> None:
    phone = phone_of(rosa)
    name = sign_ins(rosa)[0].name
    for stranger in (*strangers(people)[:1], signed_in(people.other_patient)):
        just_shown(stranger).post(OWN, {"name": name})
    assert phone.get("/today/").status_code == 200


@pytest.mark.parametrize("name", ["", "x", "-1", "9" * 300, "a" * 40])
def test_a_name_that_is_none_of_them_ends_nothing(rosa: User, name: str) -> None:
    phone = just_shown(signed_in(rosa))
    assert phone.post(OWN, {"name": name, "next": "https://evil.example/"}).url == OWN
    assert phone.get("/today/").status_code == 200


def test_staff_see_where_they_are_signed_in_by_the_clinic_s_clock(people: Cast) -> None:
    desk = signed_in(people.nurse)
    desk.get("/desk/")
    page = text(desk.get(OWN))
    assert "(this one)" in page
    assert "Unknown device" in page


def test_staff_show_a_factor_again_and_what_they_pressed_is_done_then(people: Cast, settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False
    nurse = people.nurse.user
    nurse.set_password("a-long-password-for-tests")
    nurse.save()
    here, lost = signed_in(people.nurse), signed_in(people.nurse)
    asked = here.post(OWN, {"others": "1"})
    assert asked.url.startswith("/accounts/reauthenticate/")
    assert lost.get("/desk/").status_code == 200
    wrong = here.post(asked.url, {"password": "another-password"})
    assert (wrong.status_code, lost.get("/desk/").status_code) == (200, 200)
    here.post(asked.url, {"password": "a-long-password-for-tests"})
    assert (here.get("/desk/").status_code, lost.get("/desk/").status_code) == (200, 302)
    # Within the last minutes: not again.
    lost = signed_in(people.nurse)
    assert here.post(OWN, {"others": "1"}).url == OWN
    assert lost.get("/desk/").status_code == 302


def test_a_phone_is_called_by_what_it_is(people: Cast, rosa: User) -> None:
    phone_of(rosa)
    assert [one.device for one in sign_ins(rosa)] == ["Safari on iPhone"]


@pytest.mark.parametrize("who", ["nurse", "manager"])
def test_a_lost_phone_is_signed_out_from_the_chart_and_may_send_no_more(
    people: Cast, rosa: User, who: str
) -> None:
    phone, now = phone_of(rosa), timezone.now()
    key = PhoneKey.objects.create(
        user=rosa, public_key="x", label="Rosa's", made_at=now, expires_at=now + timedelta(days=9)
    )
    desk, page = signed_in(getattr(people, who)), f"/desk/patients/{people.patient.code}/phones/"
    assert "signed in on 1 device" in text(desk.get(page))
    answer = desk.post(page, {"person": rosa.pk}, follow=True)
    assert f"{people.patient.name} is signed out everywhere." in text(answer)
    assert phone.get("/today/").status_code == 302
    key.refresh_from_db()
    assert key.ended_at
    assert TrailEvent.objects.filter(what="session_ended", user=rosa, detail="lost phone").exists()


def test_a_helper_s_lost_phone_too(people: Cast) -> None:
    phone = signed_in(people.helper)
    page = f"/desk/patients/{people.patient.code}/phones/"
    signed_in(people.nurse).post(page, {"person": people.helper.user_id})
    assert phone.get("/today/").status_code == 302


@pytest.mark.parametrize("whose", ["other_patient", "nurse2"])
def test_nobody_but_this_patient_and_their_helpers_is_signed_out_there(people: Cast, whose: str) -> None:
    other = getattr(people, whose).user
    client, page = signed_in(other), f"/desk/patients/{people.patient.code}/phones/"
    assert signed_in(people.nurse).post(page, {"person": other.pk}).status_code == 404
    assert client.get("/", follow=True).status_code == 200


def test_a_manager_signs_a_colleague_out_everywhere(people: Cast) -> None:
    desks = [signed_in(people.nurse) for _ in range(2)]
    answer = signed_in(people.manager).post(STAFF, {"action": "sign_out", "person": people.nurse.pk}, follow=True)
    assert "Nora Staff is signed out everywhere." in text(answer)
    assert [desk.get("/desk/").status_code for desk in desks] == [302, 302]


# --- The way back ---


def lost(people: Cast) -> User:
    """A nurse whose factor is gone with her phone, and who is signed in somewhere."""
    activate_app(people.nurse.user, "JBSWY3DPEHPK3PXP")
    return people.nurse.user


def test_two_people_let_a_nurse_set_up_a_new_factor(people: Cast, mailoutbox: list[Any]) -> None:
    user, desk = lost(people), signed_in(people.nurse)
    asks = signed_in(people.manager)
    answer = asks.post(BACK, {"person": people.nurse.pk, "sure": "in_person"}, follow=True)
    assert "another manager or a physician opens this page" in text(answer)
    assert Authenticator.objects.filter(user=user).exists()
    number = FactorRescue.objects.get().pk
    second = signed_in(people.physician).post(
        BACK, {"number": number, "sure": "called", "confirm": "1"}, follow=True
    )
    assert "sets up a new second factor" in text(second)
    assert not Authenticator.objects.filter(user=user).exists()
    assert desk.get("/desk/").status_code == 302
    trail = TrailEvent.objects.filter(what="way_back", user=user).order_by("pk").values_list("detail", "by_id")
    assert list(trail) == [
        ("asked for: in_person", people.manager.user_id),
        ("confirmed: called", people.physician.user_id),
    ]
    assert until(lambda: [user.email] in [one.to for one in mailoutbox])


def ask(people: Cast) -> FactorRescue:
    return rescue.ask(manager=people.manager, person=people.nurse, sure="called", now=db_now())


@pytest.mark.parametrize("who", ["manager", "nurse", "nurse2"])
def test_one_alone_or_a_nurse_never_is_the_second(people: Cast, who: str) -> None:
    user, asked = lost(people), ask(people)
    with pytest.raises(NotPossible, match="It takes two"):
        rescue.confirm(colleague=getattr(people, who), number=asked.pk, sure="called", now=db_now())
    assert Authenticator.objects.filter(user=user).exists()


def test_another_clinic_s_manager_is_not_the_second_either(people: Cast) -> None:
    asked, stranger = ask(people), make_staff(people.other_clinic, "manager")
    with pytest.raises(NotPossible, match="not waiting"):
        rescue.confirm(colleague=stranger, number=asked.pk, sure="called", now=db_now())
    page = text(signed_in(stranger).get(BACK))
    assert "Nora" not in page


def test_after_a_day_it_waits_no_more_and_can_be_asked_for_again(people: Cast) -> None:
    asked = ask(people)
    FactorRescue.objects.update(asked_at=db_now() - timedelta(hours=25))
    with pytest.raises(NotPossible, match="older than a day"):
        rescue.confirm(colleague=people.physician, number=asked.pk, sure="called", now=db_now())
    assert ask(people).pk != asked.pk


def test_it_is_asked_for_once_and_taken_back_by_either(people: Cast) -> None:
    asked = ask(people)
    with pytest.raises(NotPossible, match="already"):
        ask(people)
    signed_in(people.physician).post(BACK, {"number": asked.pk, "take_back": "1"})
    asked.refresh_from_db()
    assert (asked.confirmed_by, bool(asked.ended_at)) == (None, True)
    ask(people)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"sure": "called"}, "Choose a person."),
        ({"person": "0", "sure": "called"}, "Choose somebody of the list."),
    ],
)
def test_what_is_missing_is_said(people: Cast, typed: dict[str, str], words: str) -> None:
    answer = signed_in(people.manager).post(BACK, typed)
    assert answer.status_code == 422
    assert words in text(answer)


def test_the_second_says_how_they_made_sure(people: Cast) -> None:
    page = signed_in(people.physician).post(BACK, {"number": ask(people).pk}, follow=True)
    assert "Say how you made sure yourself" in text(page)


def test_where_nobody_else_can_confirm_two_of_the_operator_do_it(people: Cast, capsys: Any) -> None:
    user, desk = lost(people), signed_in(people.nurse)
    with pytest.raises(CommandError, match="It takes two"):
        call_command("way_back", email=user.email, by="Ann", other="ann")
    call_command("way_back", email=user.email.upper(), by="Ann", other="Bo")
    assert not Authenticator.objects.filter(user=user).exists()
    assert desk.get("/desk/").status_code == 302
    assert TrailEvent.objects.get(what="way_back").detail == "operator: Ann with Bo"
    with pytest.raises(CommandError, match="Nobody with that e-mail works"):
        call_command("way_back", email=people.patient.email, by="Ann", other="Bo")
