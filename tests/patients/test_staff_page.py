"""Managers add colleagues, send them a link, stop and restore access; never their own, never the last one."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client, override_settings

from patients import scoping
from patients.models import Letter, Staff, User
from patients.selectors.addresses import Address, user_at
from patients.selectors.people import contactable
from patients.services.enrolment import free
from patients.services.errors import NotPossible
from patients.services.staff import add_staff, change_staff
from tests.patients.pages import signed_in, text
from tests.people import Cast, make_staff
from tests.waiting import until

PAGE = "/desk/staff/"
CHANGE = "/desk/staff/change/"
NEW = {"first_name": "Nia", "last_name": "New", "email": "Nia@Clinic.example", "role": "nurse"}
PASSWORD = "a long enough one 27"


def press(people: Cast, person: Staff, action: str, **typed: str) -> str:
    """Press a button of a row; what the page says then."""
    client = signed_in(people.manager)
    client.post(place_of(action), {"person": person.pk, "action": action, "sure": "1", **typed})
    return text(client.get(PAGE))


def place_of(action: str) -> str:
    """Where the button of a row leads: two of them ask first."""
    return CHANGE if action in ("stop", "role") else PAGE


def nia() -> Staff:
    return Staff.objects.select_related("user").get(user__email="nia@clinic.example")


def test_a_colleague_is_added_without_a_password_and_chooses_one_by_the_link(people: Cast) -> None:
    client = signed_in(people.manager)
    assert client.post(PAGE, NEW).status_code == 302
    assert (nia().role, nia().clinic, nia().user.has_usable_password()) == ("nurse", people.clinic, False)
    assert "A link to choose a password left for nia@clinic.example." in text(client.get(PAGE))
    assert until(lambda: bool(mail.outbox))
    link = re.search(r"http://testserver(/\S+)", str(mail.outbox[0].body))
    assert link
    her = Client()
    form = her.get(link.group(1), follow=True)
    her.post(form.request["PATH_INFO"], {"password1": PASSWORD, "password2": PASSWORD})
    assert nia().user.check_password(PASSWORD)


def test_the_mail_says_nothing_about_health_or_patients(people: Cast) -> None:
    signed_in(people.manager).post(PAGE, NEW)
    assert until(lambda: bool(mail.outbox))
    words = f"{mail.outbox[0].subject} {mail.outbox[0].body}".lower()
    assert mail.outbox[0].to == ["nia@clinic.example"]
    for word in ("patient", "spine", "kyphoplasty", "pain", "alert"):
        assert word not in words


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"first_name": ""}, "Enter the first name."),
        ({"last_name": "x" * 81}, "at most 80"),
        ({"email": "nobody"}, "valid email"),
        ({"email": ""}, "Enter the work e-mail."),
        ({"role": "surgeon"}, "Select a valid choice"),
        ({"role": ""}, "Choose a role."),
    ],
)
def test_what_can_not_be_is_named_and_kept(people: Cast, typed: dict[str, str], words: str) -> None:
    answer = signed_in(people.manager).post(PAGE, {**NEW, **typed})
    assert answer.status_code == 422
    assert words in text(answer)
    assert ('value="Nia"' if "first_name" not in typed else 'value="New"') in text(answer)
    assert not User.objects.filter(email="nia@clinic.example").exists()


@pytest.mark.slow
def test_an_address_in_use_elsewhere_looks_as_any_other_here(people: Cast) -> None:
    """Not even that somebody signs in with it is told: the words, the list and the link are the same."""
    told = set()
    for email in (people.patient.email, people.other_nurse.user.email.upper(), "fresh@new.example"):
        page = text(signed_in(people.manager).post(PAGE, {**NEW, "email": email}, follow=True))
        staff = Staff.objects.get(user__email__iexact=email, clinic=people.clinic)
        assert (staff.name, staff.user.works_at) == ("Nia New", people.clinic)
        told |= {note.lower().replace(email.lower(), "E") for note in re.findall(r'class="note.*?</p>', page)}
        assert Letter.objects.filter(user=staff.user, what=Letter.What.LINK).count() == 1
        staff.delete()
    assert len(told) == 1
    again = text(signed_in(people.manager).post(PAGE, {**NEW, "email": people.nurse.user.email}))
    assert "Nora Staff is on the list above already: change the role or send a link there." in again


@override_settings(STAFF_SECOND_FACTOR=False)
def test_whoever_works_at_two_clinics_opens_each_by_its_password(people: Cast) -> None:
    """And neither clinic does anything to the other's: a stop here ends nothing there."""
    email = people.other_nurse.user.email
    signed_in(people.manager).post(PAGE, {**NEW, "email": email})
    here = Staff.objects.get(user__email__iexact=email, clinic=people.clinic)
    passwords = {"nine-green-lanterns-here": here, "seven-blue-kettles-there": people.other_nurse}
    for password, staff in passwords.items():
        staff.user.set_password(password)
        staff.user.save()
    for password, staff in passwords.items():
        browser = Client()
        browser.post("/accounts/login/?staff=1", {"login": email, "password": password})
        assert browser.session.get("_auth_user_id") == str(staff.user_id)
    press(people, here, "stop")
    assert scoping.staff_of(people.other_nurse.user) == people.other_nurse


def test_a_patient_elsewhere_who_begins_to_work_here_keeps_their_own_sign_in(people: Cast) -> None:
    """A code by e-mail opens what a patient has, whoever wrote the address down as a colleague's."""
    patient = people.patient
    assert patient.user
    patient.user.email = patient.email
    patient.user.save()
    user = people.other_nurse.user
    add_staff(
        clinic=people.other_clinic, first_name="Rosa", last_name="R", email=patient.email, role="nurse", by=user
    )
    assert user_at(Address(email=patient.email)) == patient.user
    # And the other way round: a colleague's address is free for what a patient signs in with.
    add_staff(clinic=people.clinic, first_name="A", last_name="B", email="ab@home.example", role="nurse")
    assert free("email", "ab@home.example") == "ab@home.example"


def test_access_is_stopped_at_once_and_given_again(people: Cast) -> None:
    nurse = signed_in(people.nurse)
    assert nurse.get("/desk/patients/").status_code == 200
    assert "Nora Staff has no access any more." in press(people, people.nurse, "stop")
    assert nurse.get("/desk/patients/").status_code == 302
    assert signed_in(people.nurse).get("/desk/patients/").status_code == 404
    assert contactable(f"staff:{people.nurse.pk}", "email").why_not
    assert "Nora Staff is a nurse here." in press(people, people.nurse, "restore")
    assert nurse.get("/desk/patients/").status_code == 302
    assert signed_in(people.nurse).get("/desk/patients/").status_code == 200


def test_somebody_without_access_is_back_again_by_the_form(people: Cast) -> None:
    press(people, people.nurse, "stop")
    signed_in(people.manager).post(PAGE, {**NEW, "email": people.nurse.user.email, "role": "physician"})
    people.nurse.refresh_from_db()
    assert (people.nurse.active, people.nurse.role) == (True, "physician")


def test_a_link_is_sent_again_to_somebody_with_access_only(people: Cast) -> None:
    def links() -> int:
        # Another test's letter may still be on its way.
        return sum(people.nurse.user.email in letter.to for letter in mail.outbox)

    assert f"A new link left for {people.nurse.user.email}." in press(people, people.nurse, "link")
    assert until(lambda: links() == 1)
    press(people, people.nurse, "stop")
    assert "Give it again first" in press(people, people.nurse, "link")
    assert links() == 1


def test_a_role_is_changed(people: Cast) -> None:
    assert "Niles Staff is a manager here." in press(people, people.nurse2, "role", role="manager")
    assert signed_in(people.nurse2).get(PAGE).status_code == 200


@pytest.mark.parametrize(("action", "typed"), [("stop", {}), ("role", {"role": "nurse"})])
def test_nobody_changes_their_own_access_even_with_another_manager(
    people: Cast, action: str, typed: dict[str, str]
) -> None:
    make_staff(people.clinic, Staff.Role.MANAGER)
    assert "cannot change your own" in press(people, people.manager, action, **typed)
    people.manager.refresh_from_db()
    assert (people.manager.active, people.manager.role) == (True, "manager")


def test_two_managers_who_stop_each_other_leave_one(people: Cast) -> None:
    second = make_staff(people.clinic, Staff.Role.MANAGER)
    change_staff(manager=people.manager, person=second, active=False, role="manager")
    with pytest.raises(NotPossible, match="not a manager any more"):
        change_staff(manager=second, person=people.manager, active=False, role="manager")


def test_the_last_manager_who_can_sign_in_stays(people: Cast) -> None:
    second = make_staff(people.clinic, Staff.Role.MANAGER)
    User.objects.filter(pk=people.manager.user_id).update(is_active=False)
    with pytest.raises(NotPossible, match="A clinic needs a manager"):
        change_staff(manager=people.manager, person=second, active=False, role="manager")


@pytest.mark.parametrize("person", ["other", "²", "9" * 40, "", "x"])
@pytest.mark.parametrize("action", ["stop", "erase"])
def test_nobody_elses_staff_can_be_touched(people: Cast, person: str, action: str) -> None:
    client = signed_in(people.manager)
    typed: dict[str, Any] = {"person": people.other_nurse.pk if person == "other" else person, "action": action}
    assert client.post(place_of(action), typed).status_code == 302
    assert "That is not possible" in text(client.get(PAGE))
    assert Staff.objects.filter(active=False).count() == 0


def test_another_clinics_staff_are_not_listed(people: Cast) -> None:
    page = text(signed_in(people.manager).get(PAGE))
    assert "Nora Staff" in page
    assert "Otto" not in page


def test_only_managers_find_the_page(people: Cast) -> None:
    assert Client().get(PAGE).status_code == 302
    for who in (people.nurse, people.physician, people.other_nurse, people.patient, people.helper):
        assert signed_in(who).get(PAGE).status_code == 404
        assert signed_in(who).post(PAGE, NEW).status_code == 404
    assert not User.objects.filter(email="nia@clinic.example").exists()
