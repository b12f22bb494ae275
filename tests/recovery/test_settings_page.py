"""Clinic settings on the desk: everyone reads, a manager proposes, the medical lead signs, and nothing is lost."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from patients.services.lead import lead_of, name_lead
from recovery.logs.read import read_log
from recovery.logs.submit import submit_log
from recovery.models import ClinicSetting
from recovery.settings.clinic_config import config_for
from recovery.triage.config import settings as all_settings
from recovery.triage.rulebook import load_rulebook
from recovery.triage.uses import rules_using
from tests.architecture.rows import setting as make_setting
from tests.database import FOR_WHOM
from tests.patients.pages import as_sent, signed_in, text
from tests.people import Cast
from tests.recovery.conftest import CALM
from tests.recovery.test_rule_book_page import part, words

PAGE = "/desk/rules/settings/"
FEVER = "fever_threshold_f"
WHY = "The infection round asked for it"


@pytest.fixture(autouse=True)
def one_factor(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False


@pytest.fixture
def manager(people: Cast) -> Client:
    return signed_in(people.manager)


@pytest.fixture
def lead(people: Cast) -> Client:
    name_lead(manager=people.manager, staff=people.physician, now=timezone.now())
    return signed_in(people.physician)


def send(client: Client, key: str, value: Any, **more: Any) -> Any:
    values = value if isinstance(value, dict) else {"value": value}
    return client.post(PAGE, {"action": "propose", "key": key, "reason": WHY, **values, **more})


def answer(client: Client, action: str) -> Any:
    row = ClinicSetting.objects.get(state="proposed")
    return client.post(PAGE, {"action": action, "row": row.pk})


def read(client: Client, page: str = PAGE) -> str:
    return re.sub(r"\s+", " ", words(text(client.get(page))))


def submitted_tier(people: Cast) -> str:
    """The tier of a calm log, through submit_log."""
    assert people.patient.user
    given = {"patient": people.patient, "procedure": people.procedure, "entered_by": people.patient.user}
    now = timezone.now()
    sent = submit_log(read_log(**given, answers=CALM, client_id=uuid.uuid4(), answered_at=now, now=now))
    assert sent.assessment
    return sent.assessment.tier


def counts(people: Cast) -> dict[str, Any]:
    return config_for(people.clinic.pk, timezone.now())


def test_every_setting_stands_with_its_default_its_bounds_its_rules_and_its_source(people: Cast) -> None:
    page = text(signed_in(people.nurse).get(PAGE))
    for setting in all_settings().values():
        shown = part(page, setting.key)
        for said in (
            setting.label,
            setting.help,
            setting.default_id or setting.source,
            *rules_using().get(setting.key, ()),
        ):
            assert said in shown, setting.key
    assert "99 to 101 °F. Lower is stricter." in part(page, FEVER)
    assert "No rule that sends a patient to 911 looks at a number on this page." in words(page)
    assert "<summary>Change" not in page


def test_no_setting_is_used_by_an_emergency_rule() -> None:
    using = {rule for rules in rules_using().values() for rule in rules}
    assert {rule.id for rule in load_rulebook().urgent if rule.tier == "call_911"} & using == set()
    assert {"RDN-14", "RW-01", "RW-24", "RL-02"} <= using


@pytest.mark.slow
def test_a_stricter_value_counts_at_once_and_the_page_and_the_rule_book_say_so(
    people: Cast, manager: Client
) -> None:
    assert send(manager, FEVER, "100.0").status_code == 302
    assert counts(people) == {FEVER: 100}
    assert "Fever line, in °F: 100 °F" in read(manager)
    book = text(signed_in(people.nurse).get("/desk/rules/"))
    assert "At your clinic: Fever line, in °F: 100 °F since" in part(book, "RDN-14")
    assert "At your clinic" not in text(signed_in(people.other_nurse).get("/desk/rules/"))


def test_a_less_strict_value_waits_for_the_lead_who_reads_what_becomes_less_strict(
    people: Cast, manager: Client, lead: Client
) -> None:
    send(manager, FEVER, "100.8")
    assert counts(people) == {}
    assert "1 waits for the medical lead." in read(lead, "/desk/rules/")
    page = read(lead)
    assert "Now 100.4 °F. This is less strict than the default and than now." in page
    assert WHY in page
    assert answer(manager, "sign").status_code == 403
    assert answer(lead, "sign").status_code == 302
    assert counts(people) == {FEVER: 100.8}
    assert "signed by Priya Staff" in read(lead)


@pytest.mark.slow
def test_the_lead_refuses_and_the_manager_takes_back(people: Cast, manager: Client, lead: Client) -> None:
    send(manager, "latch_h", "100")
    answer(lead, "refuse")
    assert "refused by Priya Staff" in read(manager)
    send(manager, "latch_h", "120")
    assert answer(lead, "take_back").status_code == 403
    answer(manager, "take_back")
    assert "taken back by Mara Staff" in read(manager)
    assert counts(people) == {}


def test_a_setting_of_an_older_release_stays_in_the_history_and_changes_nothing(
    people: Cast, manager: Client
) -> None:
    make_setting(people, key="pain_words", value="none", effective_from=timezone.now())
    assert "pain_words: none" in read(manager)
    assert "At your clinic" not in read(manager, "/desk/rules/")
    assert submitted_tier(people) == "on_track"


@pytest.mark.parametrize("who", ["nurse", "physician"])
@pytest.mark.parametrize("action", ["propose", "sign", "refuse", "take_back", "lead"])
def test_nobody_else_changes_anything(people: Cast, who: str, action: str) -> None:
    data = {"action": action, "key": FEVER, "value": "100", "reason": WHY, "row": "1", "staff": "1"}
    assert signed_in(getattr(people, who)).post(PAGE, data).status_code == 403
    assert not ClinicSetting.objects.exists()


@pytest.mark.parametrize(
    ("key", "typed", "sentence"),
    [
        (FEVER, {"value": "106", "reason": "Because"}, "Enter a number from 99 to 101, in steps of 0.1."),
        (FEVER, {"value": "100.05", "reason": "Because"}, "Enter a number from 99 to 101, in steps of 0.1."),
        (FEVER, {"value": "NaN", "reason": "Because"}, "Enter a number from 99 to 101, in steps of 0.1."),
        (FEVER, {"value": "100", "reason": " "}, "Say why"),
        (FEVER, {"value": "100.4", "reason": "Because"}, "This is the present value already."),
        (FEVER, {"value": "100", "reason": "x", "effective_from": "2020-01-01T10:00"}, "This moment has passed."),
        (FEVER, {"value": "100", "reason": "x", "effective_from": "2999-01-01T10:00"}, "Check the year"),
        ("quiet_hours", {"value_start": "21:00", "value_end": "21:00", "reason": "x"}, "must differ"),
        ("log_reminder_local", {"value": "nine", "reason": "x"}, "must be a list of clock times"),
        ("missed_log_h", {"value_336": "48", "reason": "x"}, "Enter a number from 24 to 120"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_explained_and_what_was_typed_stays(
    people: Cast, manager: Client, key: str, typed: dict[str, str], sentence: str
) -> None:
    answer = manager.post(PAGE, {"action": "propose", "key": key, **typed})
    assert answer.status_code == 422
    assert sentence in words(text(answer))
    form = answer.context["form"]
    assert {name: form[name].value() for name in typed} == typed
    assert not ClinicSetting.objects.exists()


@pytest.mark.parametrize(
    "data", [{}, {"action": "no"}, {"action": "propose", "key": "R911-01"}, {"action": "take_back"}]
)
def test_what_no_form_sends_is_not_found(manager: Client, data: dict[str, str]) -> None:
    assert manager.post(PAGE, data).status_code == 404


@pytest.mark.slow
def test_every_form_sent_unchanged_says_that_the_value_is_the_present_one(manager: Client) -> None:
    shown = manager.get(PAGE).context["groups"]
    for one in (one for _, _, rows in shown for one in rows):
        sent = {**as_sent(one.form), "action": "propose", "key": one.setting.key, "reason": WHY}
        again = manager.post(PAGE, sent)
        assert again.status_code == 422, one.setting.key
        assert "present value already" in text(again), one.setting.key


def test_a_value_for_later_is_typed_in_the_clinics_time(people: Cast, manager: Client) -> None:
    begins = timezone.now() + timedelta(days=20)
    send(manager, FEVER, "100", effective_from=f"{begins:%Y-%m-%d}T12:00")
    row = ClinicSetting.objects.get()
    assert (row.effective_from.hour, counts(people)) in [(18, {}), (17, {})]  # Chicago
    assert "12:00 PM: 100 °F" in read(manager)


@pytest.mark.slow
def test_a_manager_names_the_medical_lead(people: Cast, manager: Client) -> None:
    assert "Nobody is named." in read(manager)
    manager.post(PAGE, {"action": "lead", "staff": people.physician.pk})
    named = lead_of(people.clinic.pk)
    assert named
    assert named.staff == people.physician
    for wrong in ("", "9" * 30, people.nurse.pk, people.other_nurse.pk):
        manager.post(PAGE, {"action": "lead", "staff": wrong})
        assert "Choose a physician" in read(manager)


@pytest.mark.usefixtures("nothing_runs_out")
@pytest.mark.slow
def test_it_costs_few_statements_however_long_the_history(manager: Client) -> None:
    for step in range(8):
        send(manager, FEVER, f"{100.3 - step / 10:.1f}")
    manager.get(PAGE)  # shows the messages
    with CaptureQueriesContext(connection) as context:
        manager.get(PAGE)
    assert len(context) <= 9 + FOR_WHOM
