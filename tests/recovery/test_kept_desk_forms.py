"""The long forms of the desk wait for whoever was signed out over them, for nobody else, and do nothing alone."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from alerts.models import EscalationPolicy, OnCallShift
from alerts.oncall.shifts import version_of
from patients.models import AccessEvent, Caregiver, ClinicOverride, Patient, Procedure, Staff
from recovery.models import ClinicSetting
from tests.alerts.steps import shift
from tests.alerts.test_oncall_page import CHICAGO, local
from tests.alerts.test_policy_page import typed as plan
from tests.patients.pages import nobody_clicks, signed_in, text
from tests.patients.test_enroll import minute
from tests.patients.test_record import filled
from tests.people import Cast, make_patient, make_procedure, make_staff
from tests.recovery.test_kept_forms import LATER, sign_in

HERE = "What you typed is here: press again."
NOT_DONE = "What you just pressed was not done"


@pytest.fixture(autouse=True)
def one_factor(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False


@dataclass(frozen=True)
class Form:
    """What somebody sends from a page, and what of it has to be there again."""

    page: str
    who: Staff
    sent: dict[str, Any]
    words: str


def enroll(people: Cast) -> Form:
    return Form("/desk/enroll/", people.nurse, minute(allergies="Latex gloves"), "Latex gloves")


def record(people: Cast) -> Form:
    page = f"/desk/patients/{people.patient.code}/record/"
    return Form(page, people.nurse, {**filled(people), "home_instructions": "Up the stairs"}, "Up the stairs")


def closing(people: Cast) -> Form:
    day = f"{(timezone.now() - timedelta(days=1)).astimezone(CHICAGO):%Y-%m-%d}"
    page = f"/desk/patients/{people.patient.code}/record/"
    return Form(page, people.nurse, {"close": "1", "closed_on": day, "sure": "on"}, f'value="{day}"')


def overrides(people: Cast) -> Form:
    sent = {"key": "site_swelling_grace_hours", "value": "24", "reason": "Swelled the last time"}
    return Form(f"/desk/patients/{people.patient.code}/settings/", people.nurse, sent, "Swelled the last time")


def new_helper(people: Cast) -> Form:
    sent = {"name": "Sam Sun", "relationship": "son", "address": "sam@example.org", "agreed": "on"}
    return Form(f"/desk/patients/{people.patient.code}/helpers/", people.nurse, sent, "sam@example.org")


def rights(people: Cast) -> Form:
    day = f"{timezone.now() + timedelta(days=9):%Y-%m-%d}"
    sent = {"helper": str(people.helper.pk), "until": day}
    return Form(f"/desk/patients/{people.patient.code}/helpers/", people.nurse, sent, f'value="{day}"')


def colleague(people: Cast) -> Form:
    sent = {"first_name": "Nia", "last_name": "New", "email": "nia@clinic.example", "role": "nurse"}
    return Form("/desk/staff/", people.manager, sent, "nia@clinic.example")


def policy(people: Cast) -> Form:
    sent = plan([(0, "all_nurses", ["board", "email"]), (7, "everyone", ["email"])], was=2)
    return Form("/desk/policy/", people.manager, sent, "Fewer people at night")


def rearranged(people: Cast) -> Form:
    form = policy(people)
    del form.sent["save"]
    return Form(form.page, form.who, form.sent | {"do": "add"}, "Fewer people at night")


def new_shift(people: Cast) -> Form:
    start = timezone.now() + timedelta(days=3)
    times = {"starts_at": local(start), "ends_at": local(start + timedelta(hours=8))}
    return Form("/desk/oncall/", people.manager, {"staff": people.nurse.pk, "weeks": "7", **times}, local(start))


def changed_shift(people: Cast) -> Form:
    row = shift(people.nurse, timezone.now() + timedelta(hours=2), 8)
    start = timezone.now() + timedelta(hours=5)
    times = {"change-starts_at": local(start), "change-ends_at": local(start + timedelta(hours=4))}
    sent = {"do": "change", "change-staff": people.nurse2.pk, **times}
    return Form(f"/desk/oncall/{row.pk}/", people.manager, sent, local(start))


def setting(people: Cast) -> Form:
    sent = {"action": "propose", "key": "fever_threshold_f", "value": "100.0", "reason": "The infection round"}
    return Form("/desk/rules/settings/", people.manager, sent, "The infection round")


FORMS = [
    enroll, record, closing, overrides, new_helper, rights, colleague, policy, rearranged, new_shift,
    changed_shift, setting,
]  # fmt: skip
every_form = pytest.mark.parametrize("made", FORMS, ids=lambda made: made.__name__)


def signed_out_over(form: Form) -> tuple[Client, Any]:
    """Opened, left alone, sent."""
    client = signed_in(form.who)
    nobody_clicks_after_a_look(client, form.page)
    return client, client.post(form.page, form.sent)


def nobody_clicks_after_a_look(client: Client, page: str) -> None:
    """The page stays open, and she is signed out."""
    assert client.get(page).status_code == 200
    nobody_clicks(client, LATER)


def stored() -> list[Any]:
    """Everything these forms could have changed."""
    helpers = list(Caregiver.objects.order_by("pk").values_list("pk", "may_log", "expires_at", "removed_at"))
    shifts = list(OnCallShift.objects.order_by("pk").values_list("pk", "staff", "starts_at"))
    counted = (Patient.all_clinics, Staff.objects, EscalationPolicy.objects, ClinicSetting.objects)
    kept = list(Procedure.objects.values_list("closed_at", "home_instructions"))
    return [helpers, shifts, kept, ClinicOverride.objects.count(), *(rows.count() for rows in counted)]


@every_form
def test_what_was_typed_is_in_its_form_again_once_and_nothing_was_done(people: Cast, made: Any) -> None:
    form = made(people)
    before = stored()
    client, answer = signed_out_over(form)
    assert answer.url == f"/accounts/login/?idle=1&next={form.page}"
    assert "What you typed is kept" in text(client.get(answer.url))
    back = sign_in(client, form.who, form.page)
    assert back.status_code == 200
    assert HERE in text(back)
    assert form.words in text(back)
    assert stored() == before
    again = text(client.get(form.page))
    assert HERE not in again
    assert form.words not in again
    assert client.post(form.page, form.sent).status_code in (200, 302)


@every_form
def test_somebody_else_at_the_same_computer_never_reads_it(people: Cast, made: Any) -> None:
    form = made(people)
    client, _ = signed_out_over(form)
    other = make_staff(people.clinic, form.who.role, first_name="Zelda")
    back = sign_in(client, other, "/desk/")
    assert "kept_forms" not in client.session, "gone, whichever page comes first"
    assert back.status_code == 200
    shown = text(client.get(form.page))
    assert form.words not in shown
    assert HERE not in shown


@pytest.mark.parametrize("made", [record, closing, overrides, new_helper], ids=lambda made: made.__name__)
def test_what_was_typed_about_one_patient_never_stands_at_another(people: Cast, made: Any) -> None:
    form, other = made(people), make_patient(people.clinic, first_name="Walter")
    make_procedure(other)
    client, _ = signed_out_over(form)
    elsewhere = form.page.replace(str(people.patient.code), str(other.code))
    first = text(sign_in(client, form.who, elsewhere))
    for shown in (first, text(client.get("/desk/enroll/")), text(client.get(elsewhere))):
        assert form.words not in shown
        assert HERE not in shown
    assert form.words in text(client.get(form.page))


@pytest.mark.parametrize(
    ("place", "sent"),
    [
        ("/desk/staff/", {"action": "link", "person": "1"}),
        ("/desk/rules/settings/", {"action": "lead", "staff": "1"}),
        ("/desk/rules/settings/", {"action": "take_back", "row": "1"}),
        ("/desk/patients/{code}/settings/", {"key": "ice_ok", "end": "1"}),
        ("/desk/patients/{code}/helpers/", {"helper": "1", "remove": "1"}),
        ("/desk/enroll/", {"first_name": "Ines", "allergies": "x" * 17000}),
        ("/desk/enroll/", {"first_name": "Ines", "password": "never kept"}),
        ("/desk/me/contacts/", {"action": "verify", "code": "482913"}),
        ("/desk/webhooks/", {"action": "add", "url": "https://user:secret@clinic.example/"}),
    ],
)
def test_what_can_not_be_shown_again_is_not_kept_and_that_is_said(
    people: Cast, place: str, sent: dict[str, str]
) -> None:
    client = signed_in(people.manager)
    page = place.format(code=people.patient.code)
    client.get(page)
    nobody_clicks(client, LATER)
    answer = client.post(page, sent, headers={"referer": f"http://testserver{page}"})
    assert parse_qs(urlsplit(answer.url).query) == {"idle": ["1"], "pressed": ["1"], "next": [page]}
    assert "kept_forms" not in client.session
    asked = text(client.get(answer.url))
    assert NOT_DONE in asked
    assert "Nothing you sent is lost" not in asked
    assert HERE not in text(sign_in(client, people.manager, page))


@pytest.mark.slow
def test_forms_of_two_tabs_are_both_kept(people: Cast) -> None:
    first, second = enroll(people), record(people)
    client, _ = signed_out_over(first)
    assert "pressed" not in client.post(second.page, second.sent).url
    back = sign_in(client, first.who, first.page)
    assert first.words in text(back)
    assert second.words not in text(back)
    assert second.words in text(client.get(second.page))
    assert "kept_forms" not in client.session


@pytest.mark.slow
def test_one_form_too_many_takes_no_place_and_is_said(people: Cast) -> None:
    first, second = enroll(people), overrides(people)
    client, _ = signed_out_over(first)
    assert "pressed=1" in client.post(second.page, {**second.sent, "reason": "x" * 16200}).url
    assert first.words in text(sign_in(client, first.who, first.page))


def test_a_kept_shift_does_not_overwrite_what_a_colleague_changed_meanwhile(people: Cast) -> None:
    form = changed_shift(people)
    row = OnCallShift.objects.get()
    seen = version_of(row)
    client = signed_in(form.who)
    nobody_clicks_after_a_look(client, form.page)
    client.post(form.page, {**form.sent, "seen": seen})
    OnCallShift.objects.update(staff=people.nurse2)
    page = text(sign_in(client, form.who, form.page))
    assert f'name="seen" value="{seen}"' in page
    wrong = client.post(form.page, {**form.sent, "change-staff": "", "seen": seen})
    assert f'name="seen" value="{seen}"' in text(wrong), "another mistake is no news of the colleague"
    told = text(client.post(form.page, {**form.sent, "seen": seen}))
    assert "changed meanwhile" in told
    assert OnCallShift.objects.get().starts_at == row.starts_at


def test_a_button_of_a_page_that_is_older_than_the_last_sign_in_says_that_nothing_was_done(people: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(people.nurse.user, backend="django.contrib.auth.backends.ModelBackend")
    page = f"/desk/patients/{people.patient.code}/card/"
    client.get(page)
    own = {"Sec-Fetch-Site": "same-origin", "referer": f"http://testserver{page}"}
    answer = client.post(page, {"csrfmiddlewaretoken": "x" * 64}, headers=own, follow=True)
    assert NOT_DONE in text(answer)
    assert not AccessEvent.objects.filter(action="made a new card").exists()


def test_a_recovery_closed_twice_by_a_double_press_is_closed_once_and_says_so(people: Cast) -> None:
    form, client = closing(people), signed_in(people.nurse)
    Procedure.objects.update(ended_at=timezone.now() - timedelta(days=9))
    assert client.post(form.page, form.sent).status_code == 302
    again = client.post(form.page, form.sent, follow=True)
    assert "This recovery was closed already." in text(again)
    assert "error-summary" not in text(again)
