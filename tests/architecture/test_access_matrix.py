"""Every address as every kind of person: what the table in patients.permissions says is what each of them gets.

A new address without a row fails; a view that asks for another permission than its row, and a wrong answer, fail.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client, override_settings
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from alerts.models import Alert, Delivery, Epoch, HandOverNote, OnCallShift, ShiftSwap
from patients.models import Staff, User
from patients.permissions import Permission, Who
from patients.sign_in.factor_secrets import activate_app
from patients.sign_in.proofs import SHOWN
from recovery.models import DailyLog
from tests.architecture.rows import job, patient_sheet
from tests.people import Cast, cast, make_procedure, make_staff, make_user
from tests.recovery.conftest import NUMB, Send

# Who asks, and as whom the table of permissions knows them. The last four are of another clinic, or of none.
WHO = {
    "anonymous": None,
    "patient": Who.PATIENT,
    "other_patient": Who.PATIENT,
    "helper": Who.HELPER,
    **{role.value: Who(role.value) for role in Staff.Role},
    "other_nurse": Who.NURSE,
    "other_manager": Who.MANAGER,
    "operator": Who.OPERATOR,
    "stranger": None,
}
ELSEWHERE = {"other_patient", "other_nurse", "other_manager"}
BACKEND = "django.contrib.auth.backends.ModelBackend"
P = Permission


@dataclass(frozen=True)
class Page:
    """One address: which permission it needs (None: anybody), and what it answers to whoever has it.

    ours: it is about a patient, alert or shift of one clinic; for everybody of another clinic it does not exist.
    anonymous: what it answers before sign-in. but: who gets another answer than the table says.
    """

    needs: Permission | None
    method: str = "GET"
    answer: int = 200
    ours: bool = False
    anonymous: int = 302
    but: Mapping[str, int] = field(default_factory=dict)

    def expected(self, who: str) -> int:
        """The status for one of WHO, by the table."""
        if who in self.but:
            return self.but[who]
        if self.needs is None:
            return self.answer
        if who == "anonymous":
            return self.anonymous
        there = WHO[who] in self.needs.who and not (self.ours and who in ELSEWHERE)
        return self.answer if there else 404


def anybody(answer: int = 200, method: str = "GET", **but: int) -> Page:
    return Page(None, method, answer, but=but)


def post(needs: Permission, answer: int = 302, **more: Any) -> Page:
    return Page(needs, "POST", answer, **more)


def ours(needs: Permission, answer: int = 200, method: str = "GET") -> Page:
    return Page(needs, method, answer, ours=True)


ROWS = {
    "home": anybody(302),
    "no_access": anybody(),
    "alerts:demo_outbox": anybody(),
    # the SMS provider's, which signs what it says; nobody's session opens them
    "alerts:sms_status": anybody(404, "POST"),
    "recovery:sms_reply": anybody(404, "POST"),
    # a choice without a language of ours
    "patients:language": anybody(404, "POST"),
    "alerts:voice_status": anybody(404, "POST"),
    "alerts:staff_call": anybody(404, "POST"),
    "recovery:voice_step": anybody(404, "POST"),
    "alerts:phone_push_worker": anybody(),
    "patients:start_again": anybody(302),
    "patients:send_code": anybody(302, anonymous=200),
    "patients:enter_code": anybody(302),
    # one's own passkeys; to add one asks first who it is
    "patients:passkeys": Page(P.SEE_RECOVERY),
    "patients:passkey_add": Page(P.SEE_RECOVERY, answer=302),
    # staff have their own page for it; without a code on its way there is nothing to type
    "patients:show_again": anybody(302, patient=200, other_patient=200, helper=200, stranger=200),
    "patients:show_again_code": anybody(302),
    "patients:send_again": anybody(302, "POST"),
    # the patient's own card, on a phone that is signed in already, goes straight to the front door
    "patients:hello": anybody(patient=302),
    # what a patient and their helper see; the other patient sees their own
    "recovery:today": Page(P.SEE_RECOVERY),
    "recovery:log": Page(P.SEE_RECOVERY),
    "recovery:log_api": post(P.SEE_RECOVERY, 415, anonymous=401),
    "recovery:log_shell": Page(P.SEE_RECOVERY),
    "recovery:phone_api": Page(P.SEE_RECOVERY, anonymous=401),
    # a phone's, which signs what it sends; nobody's session opens it, and it reads nothing
    "recovery:sealed_api": anybody(415, "POST"),
    "recovery:facts_api": Page(P.SEE_RECOVERY, anonymous=401),
    # what a phone keeps for when there is no signal: about nobody, but for the clinic's numbers
    "recovery:offline": anybody(),
    "recovery:worker": anybody(),
    "recovery:advice": ours(P.SEE_RECOVERY),
    # a calendar app's, which knows the secret of the address; nobody's session opens it
    "recovery:calendar_feed": anybody(404),
    "recovery:plan": Page(P.SEE_PLAN),
    "recovery:history": Page(P.SEE_LOGS),
    "recovery:learn": Page(P.SEE_CARDS),
    "recovery:emergency_card": Page(P.SEE_RECOVERY),
    "recovery:visit": Page(P.SEE_VISIT),
    "recovery:visit_file": Page(P.SEE_VISIT),
    "recovery:help": Page(P.SEE_RECOVERY),
    "recovery:look": post(P.SEE_RECOVERY),
    "recovery:choose": Page(P.SEE_RECOVERY),
    "recovery:act_for": ours(P.SEE_RECOVERY, 302, "POST"),
    # one's own phones: everybody who may log has some
    "recovery:my_phones": Page(P.SEE_RECOVERY),
    # the cast's helper is not told of alerts, so reads none
    "recovery:care_messages": Page(P.READ_MESSAGES, but={"helper": 404}),
    # one helper hands over to another
    "recovery:turn": Page(P.HAND_OVER_HELP),
    "recovery:my_reminders": Page(P.CHOOSE_NOTES),
    # only the patient decides who helps and what is sent
    "patients:my_helpers": Page(P.CHOOSE_HELPERS),
    "patients:consents": Page(P.ANSWER_FOR_ONESELF),
    # the cast has no phone number to ask about
    "patients:number": post(P.ANSWER_FOR_ONESELF, 404),
    # without an answer there is nothing to write down
    "patients:ice": post(P.ANSWER_FOR_ONESELF, 404),
    # everybody has their own
    "patients:my_calendar": Page(P.SEE_PLAN),
    # a helper's phone may be anywhere
    "patients:travel": Page(P.ANSWER_FOR_ONESELF),
    # what staff see; patients of another clinic do not exist for them
    "patients:enroll": Page(P.ENROLL),
    "patients:card": ours(P.ENROLL),
    "patients:card_file": ours(P.ENROLL),
    "recovery:roster": Page(P.SEE_WORKLIST),
    # files of patients, and how far long work is: of the clinic
    "patients:import_file": Page(P.IMPORT),
    "patients:import_sheet": ours(P.IMPORT),
    "patients:import_columns": ours(P.IMPORT),
    "patients:import_check": ours(P.IMPORT, 302, "POST"),
    "patients:import_fix": ours(P.IMPORT, 302, "POST"),
    "patients:import_start": ours(P.IMPORT, 302, "POST"),
    "patients:import_forget": ours(P.IMPORT, 302, "POST"),
    "patients:import_wrong_rows": ours(P.IMPORT),
    "patients:import_cards": ours(P.IMPORT),
    "patients:jobs": Page(P.SEE_WORKLIST),
    "patients:job": ours(P.SEE_WORKLIST),
    "patients:cancel_job": ours(P.SEE_WORKLIST, 302, "POST"),
    "recovery:phones": ours(P.END_PHONES),
    "patients:record": ours(P.CHANGE_RECORD),
    "patients:overrides": ours(P.CHANGE_PLAN),
    "patients:caregivers": ours(P.CHANGE_HELPERS),
    "patients:staff": Page(P.MANAGE_STAFF),
    "patients:way_back": Page(P.CONFIRM_FACTOR_RESET),
    "recovery:worklist": Page(P.SEE_WORKLIST),
    "recovery:worklist_rows": Page(P.SEE_WORKLIST),
    "recovery:rules": Page(P.SEE_WORKLIST),
    "recovery:rules_replay": Page(P.TRY_RULES),
    # managers see their clinic's, an operator all: tests/recovery/test_status_page.py
    "recovery:status": Page(P.SEE_STATUS),
    "recovery:before": Page(P.SEE_WORKLIST),
    "recovery:settings": Page(P.SEE_SETTINGS),
    # after a copy was put back each clinic confirms for itself
    "recovery:confirm_records": post(P.CONFIRM_RECORDS),
    "recovery:desk_look": post(P.SEE_WORKLIST),
    "recovery:figures": Page(P.SEE_FIGURES),
    "recovery:figures_csv": Page(P.SEE_FIGURES),
    "recovery:figures_xlsx": Page(P.SEE_FIGURES),
    "recovery:rtm": Page(P.SEE_RTM),
    "recovery:rtm_csv": Page(P.SEE_RTM),
    "recovery:rtm_xlsx": Page(P.SEE_RTM),
    # without the key of a number there is nobody to show
    "recovery:figures_people": Page(P.SEE_FIGURES, answer=404),
    "recovery:shift_sheet": Page(P.PRINT_SHIFT_SHEET),
    "recovery:record_file": ours(P.EXPORT_RECORD),
    "recovery:access_log": Page(P.SEE_ACCESS_LOG),
    "recovery:access_log_csv": Page(P.SEE_ACCESS_LOG),
    "recovery:discharge": ours(P.ENROLL),
    "recovery:discharge_file": ours(P.ENROLL),
    "recovery:chart": ours(P.SEE_CHART),
    "recovery:act": ours(P.ANSWER_ALERTS),
    "recovery:patient_contact": ours(P.WRITE_CONTACTS),
    "recovery:plan_date": ours(P.CHANGE_PLAN),
    "recovery:care_message": ours(P.WRITE_MESSAGES),
    "recovery:hospital": ours(P.WRITE_CONTACTS),
    "recovery:silence": ours(P.ANSWER_ALERTS, 302, "POST"),
    "recovery:log_by_phone": ours(P.LOG_FOR_PATIENT),
    "recovery:acknowledge": ours(P.ANSWER_ALERTS, 302, "POST"),
    "recovery:contact": ours(P.ANSWER_ALERTS),
    "recovery:resolve": ours(P.ANSWER_ALERTS),
    "recovery:hand_over": ours(P.ANSWER_ALERTS),
    "alerts:contacts": Page(P.SET_OWN_CONTACTS),
    # an urgent alert can not be snoozed: back to the chart
    "recovery:snooze": ours(P.ANSWER_ALERTS, 302),
    "recovery:alert": ours(P.ANSWER_ALERTS, 302),
    # how many wait, and nothing of whom
    "alerts:waiting": Page(P.SEE_WORKLIST),
    # a script that shows notes, about nobody
    "alerts:push_worker": anybody(),
    # the clinic's messages and its own systems; other clinics' do not exist
    "alerts:webhooks": Page(P.SET_WEBHOOKS),
    "alerts:deliveries": Page(P.SEE_MESSAGES),
    "alerts:delivery_retry": ours(P.SEE_MESSAGES, 302, "POST"),
    "alerts:delivery_replay": ours(P.SEE_MESSAGES, 302, "POST"),
    "alerts:staff_change": post(P.MANAGE_STAFF),
    "alerts:policy": Page(P.SEE_ESCALATION),
    "alerts:oncall": Page(P.SEE_ON_CALL),
    "alerts:oncall_remove": ours(P.SET_ON_CALL, 302, "POST"),
    "alerts:oncall_shift": ours(P.SEE_ON_CALL),
    "alerts:oncall_offer": ours(P.SEE_ON_CALL, 302, "POST"),
    "alerts:oncall_hand_over": Page(P.SEE_ON_CALL),
    "alerts:oncall_note_read": ours(P.SEE_ON_CALL, 302, "POST"),
}
# Reachable by everyone, about nobody: health, and the sign-in library's pages about one's own account.
ABOUT_NOBODY = ("health", "metrics")
OWN_ACCOUNT = ("account_", "mfa_", "usersessions_")
# Served by the process for streams only; its own tests ask who may listen.
STREAM = ("alerts:events",)


def views(resolver: Any = None, space: str = "") -> Iterator[tuple[str, Any]]:
    """The name of every address, with its namespace, and its view."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from views(entry, f"{space}{entry.namespace}:" if entry.namespace else space)
        elif isinstance(entry, URLPattern) and entry.name:
            yield f"{space}{entry.name}", entry.callback


def names() -> Iterator[str]:
    """The name of every address."""
    return (name for name, _ in views())


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
    # Those who are not in the cast, by their name in WHO.
    others: Mapping[str, User]

    def address(self, name: str) -> str:
        """The address of this clinic's patient, log, alert or shift."""
        about_alert = ("acknowledge", "contact", "resolve", "hand_over", "snooze", "alert")
        ids: dict[str, Any] = {"recovery:advice": self.log.code, **self.oncall_ids()}
        ids |= dict.fromkeys(("alerts:delivery_retry", "alerts:delivery_replay"), self.delivery.pk)
        if name.removeprefix("recovery:") in about_alert:
            ids[name] = self.alert.code
        if name.startswith("patients:import_"):
            ids[name] = patient_sheet(self.people).code
        if name in ("patients:job", "patients:cancel_job"):
            ids[name] = job(self.people).code
        if name == "recovery:confirm_records":
            ids[name] = self.epoch.code
        if name == "recovery:plan_date":
            return reverse(name, args=[self.people.patient.code, "brace"])
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
        user = self.others.get(who) or getattr(person, "user", None)
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
    others = {
        **{role.value: make_staff(people.clinic, role).user for role in Staff.Role if not hasattr(people, role)},
        "other_manager": make_staff(people.other_clinic, Staff.Role.MANAGER).user,
        "operator": make_user(is_superuser=True),
        "stranger": make_user(),
    }
    return World(people, sent.log, alert, shift, people.nurse2, delivery, epoch, others)


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    assert {name for name in names() if needs_a_row(name)} == set(ROWS)


def test_every_view_asks_for_the_permission_of_its_row() -> None:
    asked = {name: getattr(view, "access", None) for name, view in views()}
    assert {name: asked[name] for name in ROWS} == {name: page.needs for name, page in ROWS.items()}


@override_settings(DEMO=True, STAFF_SECOND_FACTOR=False)
@pytest.mark.parametrize("name", sorted(ROWS))
@pytest.mark.slow
def test_each_person_gets_the_answer_of_the_row(world: World, name: str) -> None:
    page, address = ROWS[name], world.address(name)
    got = {who: getattr(world.client(who), page.method.lower())(address).status_code for who in WHO}
    assert got == {who: page.expected(who) for who in WHO}


@pytest.mark.parametrize("name", sorted(ROWS))
def test_staff_without_a_second_factor_get_nowhere(world: World, name: str) -> None:
    client, method, address = world.client("nurse"), ROWS[name].method.lower(), world.address(name)
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
@pytest.mark.slow
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
