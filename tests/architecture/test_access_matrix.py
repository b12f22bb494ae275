"""Every address as every kind of person. A new address without a row fails; a wrong answer fails."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client, override_settings
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from alerts.models import Alert, Delivery, Epoch, HandOverNote, OnCallShift, ShiftSwap
from patients.models import Staff
from patients.sign_in.factor_secrets import activate_app
from patients.sign_in.proofs import SHOWN
from recovery.models import DailyLog
from tests.people import Cast, cast, make_procedure
from tests.recovery.conftest import NUMB, Send

WHO = ("anonymous", "patient", "other_patient", "helper", "nurse", "other_nurse", "manager")
BACKEND = "django.contrib.auth.backends.ModelBackend"

# name: method, then the answer for each of WHO. 302 for anonymous is the way to sign in.
ROWS = {
    "home": "GET 302 302 302 302 302 302 302",
    "no_access": "GET 200 200 200 200 200 200 200",
    "alerts:demo_outbox": "GET 200 200 200 200 200 200 200",
    # the SMS provider's, which signs what it says; nobody's session opens them
    "alerts:sms_status": "POST 404 404 404 404 404 404 404",
    "recovery:sms_reply": "POST 404 404 404 404 404 404 404",
    "patients:start_again": "GET 302 302 302 302 302 302 302",
    "patients:send_code": "GET 200 302 302 302 302 302 302",
    "patients:enter_code": "GET 302 302 302 302 302 302 302",
    # staff have their own page for it; without a code on its way there is nothing to type
    "patients:show_again": "GET 302 200 200 200 302 302 302",
    "patients:show_again_code": "GET 302 302 302 302 302 302 302",
    "patients:send_again": "POST 302 302 302 302 302 302 302",
    # the patient's own card, on a phone that is signed in already, goes straight to the front door
    "patients:hello": "GET 200 302 200 200 200 200 200",
    # what a patient and their helper see; the other patient sees their own
    "recovery:today": "GET 302 200 200 200 404 404 404",
    "recovery:log": "GET 302 200 200 200 404 404 404",
    "recovery:log_api": "POST 401 415 415 415 404 404 404",
    "recovery:log_shell": "GET 302 200 200 200 404 404 404",
    "recovery:phone_api": "GET 401 200 200 200 404 404 404",
    # a phone's, which signs what it sends; nobody's session opens it, and it reads nothing
    "recovery:sealed_api": "POST 415 415 415 415 415 415 415",
    "recovery:facts_api": "GET 401 200 200 200 404 404 404",
    # what a phone keeps for when there is no signal: about nobody, but for the clinic's numbers
    "recovery:offline": "GET 200 200 200 200 200 200 200",
    "recovery:worker": "GET 200 200 200 200 200 200 200",
    "recovery:advice": "GET 302 200 404 200 404 404 404",
    "recovery:plan": "GET 302 200 200 200 404 404 404",
    "recovery:history": "GET 302 200 200 200 404 404 404",
    "recovery:learn": "GET 302 200 200 200 404 404 404",
    "recovery:visit": "GET 302 200 200 200 404 404 404",
    "recovery:act_for": "POST 302 302 404 302 404 404 404",
    # one's own phones: everybody who may log has some
    "recovery:my_phones": "GET 302 200 200 200 404 404 404",
    # only the patient decides who helps and what is sent
    "patients:my_helpers": "GET 302 200 200 404 404 404 404",
    "patients:consents": "GET 302 200 200 404 404 404 404",
    # the cast has no phone number to ask about
    "patients:number": "POST 302 404 404 404 404 404 404",
    # without an answer there is nothing to write down
    "patients:ice": "POST 302 404 404 404 404 404 404",
    # what staff see; patients of another clinic do not exist for them
    "patients:enroll": "GET 302 404 404 404 200 200 200",
    "patients:card": "GET 302 404 404 404 200 404 200",
    "recovery:roster": "GET 302 404 404 404 200 200 200",
    "recovery:phones": "GET 302 404 404 404 200 404 200",
    "patients:record": "GET 302 404 404 404 200 404 200",
    "patients:overrides": "GET 302 404 404 404 200 404 200",
    "patients:caregivers": "GET 302 404 404 404 200 404 200",
    "patients:staff": "GET 302 404 404 404 404 404 200",
    # the second of two may be a physician
    "patients:way_back": "GET 302 404 404 404 404 404 200",
    "recovery:worklist": "GET 302 404 404 404 200 200 200",
    "recovery:worklist_rows": "GET 302 404 404 404 200 200 200",
    "recovery:rules": "GET 302 404 404 404 200 200 200",
    # managers and physicians try other numbers on their own clinic's past
    "recovery:rules_replay": "GET 302 404 404 404 404 404 200",
    # managers see their clinic's, an operator (superuser) all: tests/recovery/test_status_page.py
    "recovery:status": "GET 302 404 404 404 404 404 200",
    "recovery:before": "GET 302 404 404 404 200 200 200",
    "recovery:settings": "GET 302 404 404 404 200 200 200",
    # after a copy was put back each clinic confirms for itself
    "recovery:confirm_records": "POST 302 404 404 404 302 302 302",
    "recovery:figures": "GET 302 404 404 404 200 200 200",
    "recovery:figures_csv": "GET 302 404 404 404 200 200 200",
    "recovery:chart": "GET 302 404 404 404 200 404 200",
    "recovery:patient_contact": "GET 302 404 404 404 200 404 200",
    "recovery:hospital": "GET 302 404 404 404 200 404 200",
    "recovery:log_by_phone": "GET 302 404 404 404 200 404 200",
    "recovery:acknowledge": "POST 302 404 404 404 302 404 302",
    "recovery:contact": "GET 302 404 404 404 200 404 200",
    "recovery:resolve": "GET 302 404 404 404 200 404 200",
    "recovery:hand_over": "GET 302 404 404 404 200 404 200",
    "alerts:contacts": "GET 302 404 404 404 200 200 200",
    # an urgent alert can not be snoozed: back to the chart
    "recovery:snooze": "GET 302 404 404 404 302 404 302",
    "recovery:alert": "GET 302 404 404 404 302 404 302",
    # how many wait, and nothing of whom
    "alerts:waiting": "GET 302 404 404 404 200 200 200",
    # a script that shows notes, about nobody
    "alerts:push_worker": "GET 200 200 200 200 200 200 200",
    # the clinic's messages and its own systems are the managers'; other clinics' do not exist
    "alerts:webhooks": "GET 302 404 404 404 404 404 200",
    "alerts:deliveries": "GET 302 404 404 404 404 404 200",
    "alerts:delivery_retry": "POST 302 404 404 404 404 404 302",
    "alerts:delivery_replay": "POST 302 404 404 404 404 404 302",
    "alerts:staff_change": "POST 302 404 404 404 404 404 302",
    "alerts:policy": "GET 302 404 404 404 200 200 200",
    "alerts:oncall": "GET 302 404 404 404 200 200 200",
    "alerts:oncall_remove": "POST 302 404 404 404 404 404 302",
    "alerts:oncall_shift": "GET 302 404 404 404 200 404 200",
    "alerts:oncall_offer": "POST 302 404 404 404 302 404 302",
    "alerts:oncall_hand_over": "GET 302 404 404 404 200 200 200",
    "alerts:oncall_note_read": "POST 302 404 404 404 302 404 302",
}
# Reachable by everyone, about nobody: health, and the sign-in library's pages about one's own account.
ABOUT_NOBODY = ("health", "metrics")
OWN_ACCOUNT = ("account_", "mfa_", "usersessions_")
# Served by the process for streams only; its own tests ask who may listen.
STREAM = ("alerts:events",)


def names(resolver: Any = None, space: str = "") -> Iterator[str]:
    """The name of every address, with its namespace."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from names(entry, f"{space}{entry.namespace}:" if entry.namespace else space)
        elif isinstance(entry, URLPattern) and entry.name:
            yield f"{space}{entry.name}"


def needs_a_row(name: str) -> bool:
    return name not in (*ABOUT_NOBODY, *STREAM) and not name.startswith(OWN_ACCOUNT)


@dataclass
class World:
    """The cast with a log, an alert and a shift to look at."""

    people: Cast
    log: DailyLog
    alert: Alert
    shift: OnCallShift
    colleague: Staff
    delivery: Delivery
    epoch: Epoch

    def address(self, name: str) -> str:
        """The address of this clinic's patient, log, alert or shift."""
        about_alert = ("acknowledge", "contact", "resolve", "hand_over", "snooze", "alert")
        ids: dict[str, Any] = {"recovery:advice": self.log.code, **self.oncall_ids()}
        ids |= dict.fromkeys(("alerts:delivery_retry", "alerts:delivery_replay"), self.delivery.pk)
        if name.removeprefix("recovery:") in about_alert:
            ids[name] = self.alert.code
        if name == "recovery:confirm_records":
            ids[name] = self.epoch.code
        if name == "patients:hello":
            ids[name] = self.people.patient.card_token
        try:
            return reverse(name)
        except NoReverseMatch:
            return reverse(name, args=[ids.get(name, self.people.patient.code)])

    def oncall_ids(self) -> dict[str, int]:
        """A shift, an offer of it and a note about it."""
        people, shift = self.people, self.shift
        times = {"starts_at": shift.starts_at, "ends_at": shift.ends_at, "offered_at": shift.starts_at}
        known = {"clinic": people.clinic, "from_staff": people.nurse, "to_staff": self.colleague}
        swap, _ = ShiftSwap.objects.get_or_create(shift=shift, defaults={**known, **times})
        known = {"clinic": people.clinic, "by": people.nurse, "to": self.colleague}
        note, _ = HandOverNote.objects.get_or_create(text="x", **known, defaults={"written_at": shift.starts_at})
        return {
            "alerts:oncall_remove": shift.pk,
            "alerts:oncall_shift": shift.pk,
            "alerts:oncall_offer": swap.pk,
            "alerts:oncall_note_read": note.pk,
        }

    def client(self, who: str) -> Client:
        """A browser in which this person is signed in."""
        client = Client(raise_request_exception=False)
        person = self.people.helper if who == "helper" else getattr(self.people, who, None)
        user = getattr(person, "user", None)
        if user:
            client.force_login(user, backend=BACKEND)
        return client


@pytest.fixture
def people(db: None) -> Cast:
    found = cast()
    make_procedure(found.other_patient)
    return found


@pytest.fixture
def world(people: Cast, send: Send) -> World:
    sent = send(NUMB)
    assert sent.assessment
    assert sent.assessment.alert
    now = timezone.now()
    shift = OnCallShift.objects.create(
        clinic=people.clinic, staff=people.nurse, starts_at=now, ends_at=now + timedelta(hours=8)
    )
    alert = sent.assessment.alert
    sent_to = {"channel": "email", "recipient": f"staff:{people.nurse.pk}", "message": "staff_alert"}
    times = {"created_at": now, "due_at": now, "send_by": now + timedelta(hours=1)}
    delivery = Delivery.objects.create(key="matrix", alert=alert, clinic=people.clinic, **sent_to, **times)
    before = {"server": 1, "timeline": 1, "table_id": 1, "seen_at": now}
    epoch = Epoch.objects.create(cause="files", before=Epoch.objects.create(cause="first", **before), **before)
    return World(people, sent.log, alert, shift, people.nurse2, delivery, epoch)


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    assert {name for name in names() if needs_a_row(name)} == set(ROWS)


@override_settings(DEMO=True, STAFF_SECOND_FACTOR=False)
@pytest.mark.parametrize("name", sorted(ROWS))
def test_each_person_gets_the_answer_of_the_row(world: World, name: str) -> None:
    method, *expected = ROWS[name].split()
    address = world.address(name)
    got = {}
    for who in WHO:
        got[who] = getattr(world.client(who), method.lower())(address).status_code
    assert got == dict(zip(WHO, (int(code) for code in expected), strict=True))


@pytest.mark.parametrize("name", sorted(ROWS))
def test_staff_without_a_second_factor_get_nowhere(world: World, name: str) -> None:
    client, method, address = world.client("nurse"), ROWS[name].split()[0].lower(), world.address(name)
    session = client.session
    session[SHOWN] = [{"method": "password", "at": 0}]
    session.save()
    answer = getattr(client, method)(address)
    assert (answer.status_code, answer.headers.get("Location")) == (302, reverse("mfa_index"))
    # Set up meanwhile in another browser: this one has not shown it.
    activate_app(world.people.nurse.user, "JBSWY3DPEHPK3PXP")
    answer = getattr(client, method)(address)
    assert (answer.status_code, answer.headers["Location"].split("&")[0]) == (302, "/accounts/login/?proof=1")


@pytest.mark.parametrize("who", WHO)
def test_the_sign_in_librarys_pages_never_show_anybody_else(world: World, who: str) -> None:
    client = world.client(who)
    for name in names():
        if name.startswith(OWN_ACCOUNT):
            address = _own_account_address(name)
            answer = client.get(address, follow=False)
            assert answer.status_code < 500, name
            if who not in ("patient", "helper"):
                assert b"Recovers" not in answer.content, name


def _own_account_address(name: str) -> str:
    for args in ([], ["some-key"], [1], ["abc", "set-password"]):
        try:
            return reverse(name, args=args)
        except NoReverseMatch:
            continue
    raise AssertionError(name)
