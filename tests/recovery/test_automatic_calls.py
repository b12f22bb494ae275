"""A patient without a mobile phone is called: three questions, a key for each, and each key is a log."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from alerts.messaging.channels import NotReady, OurFault, PermanentFailure
from alerts.messaging.channels.twilio import signature
from alerts.messaging.channels.voice import Voice
from alerts.messaging.receipts import NO_ANSWER
from alerts.models import Alert, AlertSign, Delivery
from alerts.monitoring.sweep import sweep
from patients.models import Patient, Procedure
from recovery.care_plan import refresh, sending
from recovery.models import Assessment, DailyLog, Reminder
from recovery.phone.call_words import spoken
from recovery.state.record import with_overrides
from tests.alerts.conftest import simulator  # noqa: F401 - a fixture
from tests.people import Cast
from tests.recovery.test_short_log_asks import noon
from tests.simulator import NUMBER, TOKEN, Simulator

ROSA = "+13125550177"
FORM = "application/x-www-form-urlencoded"
KEY = "note:1:log:x:1"
CLINICAL = ("pain", "numb", "leak", "breath", "worse", "fine", "emergency", "9 1 1", "procedure")


def called(patient: Patient, at: datetime | None = None) -> None:
    """The clinic asks this patient by calls."""
    Patient.all_clinics.filter(pk=patient.pk).update(phone=ROSA, short_logs="call")


@pytest.fixture
def rosa(people: Cast, settings: Any) -> Patient:
    """A patient in the middle of a call."""
    settings.SMS_TOKEN, settings.VOICE_FROM = TOKEN, NUMBER
    called(people.patient)
    now = timezone.now()
    Delivery.objects.create(
        key=KEY,
        channel="call",
        recipient=f"patient:{people.patient.pk}",
        message="patient_call",
        clinic=people.clinic,
        created_at=now,
        due_at=now,
        send_by=now + timedelta(hours=1),
        state="sent",
        provider_id="CA1",
    )
    return Patient.all_clinics.get(pk=people.patient.pk)


def post(path: str, token: str = TOKEN, **form: str) -> Any:
    """One request of the provider."""
    signed = signature(f"http://testserver{path}", form.items(), token)
    body = "&".join(f"{name}={quote(value, safe='')}" for name, value in form.items())
    return Client().post(path, body, content_type=FORM, headers={"X-Twilio-Signature": signed})


def talk(keys: str, call: str = "CA1") -> list[str]:
    """What is said at each step while somebody presses these keys ("-": none)."""
    path, said = f"/hooks/voice/hello/?key={quote(KEY, safe='')}", []
    more: dict[str, str] = {}
    for key in [*keys, ""]:
        answer = post(path, CallSid=call, CallStatus="in-progress", **more)
        assert answer.status_code == 200
        tree = ElementTree.fromstring(answer.content)
        said.append(" ".join(text.strip() for text in tree.itertext()))
        gather = tree.find("Gather")
        if gather is None:
            break
        path, more = gather.attrib["action"], {} if key == "-" else {"Digits": key}
    return said


def newest() -> DailyLog:
    return DailyLog.objects.order_by("pk").last()  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("keys", "answers", "tier", "last"),
    [
        ("1122", {"short_answer": "fine", "em_gate": "none", "nerve_gate": "none"}, "on_track", "Thank you."),
        (
            "1222",
            {"short_answer": "worse", "em_gate": "none", "nerve_gate": "none"},
            "call_doctor_now",
            "Call your",
        ),
        ("13", {"short_answer": "emergency"}, "call_911", "Hang up now, and call 9 1 1."),
        ("111", {"short_answer": "fine", "em_gate": "some"}, "call_911", "Hang up now, and call 9 1 1."),
        (
            "1121",
            {"short_answer": "fine", "em_gate": "none", "nerve_gate": "some"},
            "call_doctor_now",
            "Call your clinic now at 3 1 2, 5 5 5, 0 1 0 0.",
        ),
    ],
)
def test_three_keys_are_a_log_and_the_call_says_what_to_do(
    rosa: Patient, keys: str, answers: dict[str, str], tier: str, last: str
) -> None:
    assert last in talk(keys)[-1]
    log = newest()
    assert log.answers == {"door": "call", **answers}
    assert Assessment.objects.get(log=log).tier == tier
    assert Alert.objects.exists() == (tier not in ("on_track", "watch"))


def test_the_questions_are_those_of_the_rule_book_and_those_of_this_patient(rosa: Patient) -> None:
    _, how, emergency, nerves, _ = talk("1122")
    assert "If you are fine, press 1." in how
    assert "Do you have chest pain?" in emergency
    assert "very hard to wake" not in emergency
    assert "Do you feel numb or tingly?" in nerves
    assert "counts as no" not in emergency
    Procedure.objects.filter(patient=rosa).update(baseline_symptoms=["breath_usual"])
    assert "What you had before your procedure, and is no worse now, counts as no." in talk("1122", "CA2")[2]


@pytest.mark.parametrize("keys", ["--", "-9", "22", "**"])
def test_a_machine_or_a_stranger_hears_nothing_clinical(rosa: Patient, keys: str) -> None:
    said = talk(keys)
    assert said[-1] == "Please call your clinic at 3 1 2, 5 5 5, 0 1 0 0. Goodbye."
    words = " ".join(said).lower()
    assert [word for word in CLINICAL if word in words] == []
    assert not DailyLog.objects.exists()


def test_hanging_up_loses_no_answer(rosa: Patient) -> None:
    talk("12")
    log = newest()
    assert log.answers == {"door": "call", "short_answer": "worse"}
    assert Alert.objects.get().tier == "call_doctor_now"


@pytest.mark.parametrize(
    ("keys", "tier", "last"),
    [("13", "call_911", "Hang up now, and call 9 1 1."), ("1121", "call_doctor_now", "Call your clinic now at")],
)
def test_what_is_pressed_after_the_recovery_was_closed_is_heard_all_the_same(
    rosa: Patient, keys: str, tier: str, last: str
) -> None:
    talk(keys[:1])
    Procedure.objects.filter(patient=rosa).update(closed_at=timezone.now())
    assert last in talk(keys)[-1]
    assert Assessment.objects.get(log=newest()).tier == tier
    assert Alert.objects.get().tier == tier


def test_a_wrong_key_is_asked_once_more_and_then_the_call_ends_with_what_was_said(rosa: Patient) -> None:
    said = talk("12-7")
    assert "Sorry, I did not hear a key." in said[3]
    assert "Call your clinic now" in said[-1]
    assert newest().answers == {"door": "call", "short_answer": "worse"}


def test_the_same_request_again_is_the_same_log_and_a_call_replaces_its_own_logs(rosa: Patient) -> None:
    first = talk("1122")
    assert talk("1122") == first
    assert DailyLog.objects.count() == 3
    assert [log.supersedes_id for log in DailyLog.objects.order_by("pk")] == [
        None,
        *DailyLog.objects.order_by("pk").values_list("pk", flat=True)[:2],
    ]


def test_an_answer_that_could_not_be_judged_is_answered_on_the_safe_side(
    rosa: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*args: object, **more: object) -> None:
        raise ValueError

    monkeypatch.setattr("recovery.logs.judge.evaluate", breaks)
    assert "Call your clinic now" in talk("1122")[-1]
    assert "Hang up now" in talk("13", "CA2")[-1]


def test_a_fine_call_ends_silence_and_no_sign_and_a_yes_is_never_only_fine(rosa: Patient) -> None:
    talk("1122")
    assert newest().only_fine
    talk("1121", "CA2")
    assert not newest().only_fine


@pytest.mark.parametrize(
    ("change", "value"),
    [
        ("message", "patient_reminder"),
        ("recipient", "caregiver:1"),
        ("created_at", timezone.now() - timedelta(days=1)),
    ],
)
def test_an_address_of_no_call_or_of_an_old_one_says_nothing(rosa: Patient, change: str, value: Any) -> None:
    Delivery.objects.filter(key=KEY).update(**{change: value})
    assert talk("1122") == [""]
    assert not DailyLog.objects.exists()


def test_only_the_provider_may_ask(rosa: Patient) -> None:
    path = f"/hooks/voice/how/?key={quote(KEY, safe='')}&asked=1"
    assert post(path, "forged", CallSid="CA1", Digits="3").status_code == 403
    assert Client().get(path).status_code == 405
    assert post("/hooks/voice/nonsense/?key=x", CallSid="CA1").status_code == 404
    assert post("/hooks/voice/how/", CallSid="CA1").status_code == 400
    assert post(path, CallSid="").status_code == 400
    assert not DailyLog.objects.exists()


# --- The call as a row ---


def due(people: Cast, now: datetime, key: str) -> Delivery:
    note = Reminder.objects.create(procedure=people.procedure, key=key, due_at=now)
    sending.send_due(now)
    note.refresh_from_db()
    assert note.delivery
    return note.delivery


def test_the_note_that_asks_for_a_log_is_a_call(people: Cast, settings: Any) -> None:
    called(people.patient)
    settings.VOICE_FROM = NUMBER
    row = due(people, noon(), "log:1")
    assert (row.channel, row.message, row.recipient) == ("call", "patient_call", f"patient:{people.patient.pk}")
    settings.VOICE_FROM = ""
    assert due(people, noon(), "log:2").message == "patient_reminder"


@pytest.mark.parametrize(("ends", "state"), [("no-answer", "dead"), ("busy", "dead"), ("completed", "delivered")])
def test_how_a_call_ended_is_recorded(rosa: Patient, ends: str, state: str) -> None:
    path = f"/hooks/voice/status/?key={quote(KEY, safe='')}"
    assert post(path, CallSid="CA1", CallStatus="ringing").status_code == 204
    assert post(path, CallSid="CA1", CallStatus=ends).status_code == 204
    row = Delivery.objects.get(key=KEY)
    assert (row.state, row.error) == (state, "" if state == "delivered" else NO_ANSWER)
    assert Delivery.objects.count() == 1


def test_two_calls_without_an_answer_are_silence_and_an_answer_ends_it(people: Cast, settings: Any) -> None:
    called(people.patient)
    settings.VOICE_FROM, now = NUMBER, noon()
    Procedure.objects.filter(pk=people.procedure.pk).update(ended_at=now - timedelta(hours=20))

    def look(at: datetime) -> bool:
        refresh.refresh(with_overrides(people.patient.procedures.all()).get(), at)
        return AlertSign.objects.filter(sign="RW-24", resolved_at__isnull=True).exists()

    rows = [due(people, now + timedelta(hours=hour), f"log:{hour}") for hour in (0, 1)]
    Delivery.objects.filter(pk=rows[0].pk).update(state="dead", error=NO_ANSWER)
    assert not look(now + timedelta(hours=1))
    Delivery.objects.filter(pk=rows[1].pk).update(state="delivered")
    assert look(now + timedelta(hours=2))
    assert look(now + timedelta(hours=2, minutes=10))
    DailyLog.objects.create(
        patient=people.patient,
        procedure=people.procedure,
        client_id="00000000-0000-0000-0000-000000000001",
        answered_at=now + timedelta(hours=3),
        received_at=now + timedelta(hours=3),
        entered_by=people.patient.user,
        answers={"door": "call", "short_answer": "fine"},
    )
    assert not look(now + timedelta(hours=4))


def test_a_call_that_we_could_not_make_is_no_silence(people: Cast, settings: Any) -> None:
    called(people.patient)
    settings.VOICE_FROM, now = NUMBER, noon()
    Procedure.objects.filter(pk=people.procedure.pk).update(ended_at=now - timedelta(hours=20))
    for hour in (0, 1):
        row = due(people, now + timedelta(hours=hour), f"log:{hour}")
        Delivery.objects.filter(pk=row.pk).update(state="dead", error="calling is not set up")
    refresh.refresh(with_overrides(people.patient.procedures.all()).get(), now + timedelta(hours=2))
    assert not AlertSign.objects.exists()


def test_a_number_is_spoken_digit_by_digit() -> None:
    assert spoken("(312) 555-0100") == "3 1 2, 5 5 5, 0 1 0 0"


# --- The provider ---


def test_without_a_number_of_ours_nothing_is_called(settings: Any) -> None:
    settings.VOICE_FROM = ""
    with pytest.raises(NotReady, match="not set up"):
        Voice().send(ROSA, "", "", KEY)


def test_the_provider_refuses_as_it_refuses_texts(simulator: Simulator, settings: Any) -> None:  # noqa: F811
    settings.VOICE_FROM = NUMBER
    simulator.behave(refused_numbers={ROSA: 21211})
    with pytest.raises(PermanentFailure, match="21211"):
        Voice().send(ROSA, "", "", KEY)
    simulator.behave(refuse_account=True)
    with pytest.raises(OurFault):
        Voice().send(ROSA, "", "", KEY)


def test_the_whole_call(
    transactional_db: None,
    live_server: LiveServer,
    simulator: Simulator,  # noqa: F811
    settings: Any,
    people: Cast,
) -> None:
    settings.BASE_URL, settings.VOICE_FROM = live_server.url, NUMBER
    called(people.patient)
    row = due(people, noon(), "log:x")
    Delivery.objects.filter(pk=row.pk).update(
        created_at=timezone.now(), due_at=timezone.now(), send_by=timezone.now() + timedelta(hours=1)
    )
    sweep()
    (line,) = simulator.lines("call")
    assert (line["to"], line["sender"]) == (ROSA, NUMBER)
    steps = simulator.pick_up("1221")
    assert [step["status"] for step in steps] == [200] * 5
    assert "Call your clinic now" in steps[-1]["xml"]
    assert newest().answers == {"door": "call", "short_answer": "worse", "em_gate": "none", "nerve_gate": "some"}
    assert Alert.objects.get().tier == "call_doctor_now"
    assert Delivery.objects.get(pk=row.pk).state == "delivered"
    assert "worse" not in str(Delivery.objects.filter(pk=row.pk).values().get())
