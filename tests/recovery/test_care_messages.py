"""Messages of the care team: stored once, told without a reason, read in the app, answered by a judged log."""

import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from alerts.models import Delivery
from patients.models import AccessEvent, Caregiver, Consent, Patient, StoppedNumber
from patients.services.errors import NotPossible
from patients.values.languages import CODES
from recovery.journey import care_messages
from recovery.logs.check import MOST
from recovery.models import CareMessage, CareMessageRead, DailyLog
from recovery.selectors.notes import unread_notes
from recovery.triage.reading_grade import reading_grade
from recovery.wording.care_message_texts import READY_TEXTS
from tests.patients.pages import signed_in, text
from tests.people import Cast
from tests.recovery.conftest import Send
from tests.recovery.desk import alert_of, chart

WORDS = "Please bring your brace."
PAGE = "/messages/"


@pytest.fixture(autouse=True)
def one_factor(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False


@pytest.fixture
def nurse(people: Cast) -> Client:
    return signed_in(people.nurse)


@pytest.fixture
def told(people: Cast) -> Caregiver:
    """The helper, whom the patient lets be told."""
    Caregiver.objects.filter(pk=people.helper.pk).update(may_be_alerted=True, may_log=True)
    people.helper.refresh_from_db()
    return people.helper


def desk(patient: Patient) -> str:
    return f"{chart(patient)}messages/"


def typed(**more: str) -> dict[str, str]:
    return {"once": "press-1", "text": WORDS, "language": "en", **more}


def write(people: Cast, now: datetime | None = None, **more: Any) -> CareMessage:
    known = {"text": WORDS, "language": "en", "once": str(uuid.uuid4())}
    now = now or timezone.now()
    return care_messages.write(staff=people.nurse, patient=people.patient, now=now, **{**known, **more})


def notices() -> list[Delivery]:
    return list(Delivery.objects.filter(message="care_message").order_by("pk"))


# --- What staff write ---


def test_it_stands_on_the_chart_and_on_the_phone_and_the_notice_says_nothing_of_it(
    people: Cast, nurse: Client
) -> None:
    answer = nurse.post(desk(people.patient), typed(), follow=True)
    assert "Sent. The patient reads it in the app" in text(answer)
    assert WORDS in text(answer)
    assert "Not read by the patient yet." in text(answer)
    assert WORDS in text(signed_in(people.patient).get(PAGE))
    [row] = notices()
    assert (row.recipient, row.channel) == (f"patient:{people.patient.pk}", "email")
    assert (row.context, row.alert, row.clinic_id) == ({}, None, people.clinic.pk)
    looks = AccessEvent.objects.filter(patient=people.patient, actor=people.nurse.user)
    assert looks.filter(action="wrote a message").count() == 1


def test_the_same_press_twice_is_one_message_and_one_notice(people: Cast, nurse: Client) -> None:
    for _ in range(2):
        assert nurse.post(desk(people.patient), typed()).status_code == 302
    assert CareMessage.objects.count() == len(notices()) == 1


def test_when_the_recovery_is_closed_it_is_refused_and_the_words_stay(people: Cast, nurse: Client) -> None:
    people.procedure.closed_at = timezone.now()
    people.procedure.save()
    answer = nurse.post(desk(people.patient), typed())
    assert answer.status_code == 422
    assert "No recovery of this patient is watched now" in text(answer)
    assert WORDS in text(answer)
    assert not CareMessage.objects.exists()
    assert notices() == []


@pytest.mark.parametrize(("words", "said"), [(" ", "Write what the patient"), ("x" * 1001, "Shorten it to 1000")])
def test_what_cannot_be_sent_says_why_and_stays(people: Cast, nurse: Client, words: str, said: str) -> None:
    answer = nurse.post(desk(people.patient), typed(text=words))
    assert answer.status_code == 422
    assert said in text(answer)
    assert words.strip() in text(answer)


def test_somebody_whose_access_has_ended_meanwhile_writes_nothing(people: Cast) -> None:
    people.nurse.active = False
    people.nurse.save()
    with pytest.raises(NotPossible):
        write(people)
    assert not CareMessage.objects.exists()


def test_a_ready_text_is_put_in_and_what_was_typed_stays(people: Cast, nurse: Client) -> None:
    page = text(nurse.post(desk(people.patient), typed(ready="call", text="")))
    assert "Please call us today at (312) 555-0100." in page
    page = text(nurse.post(desk(people.patient), typed(ready="we_call", language="es")))
    assert WORDS in page
    assert "Le vamos a llamar hoy." in page
    known = READY_TEXTS[0].in_language("en", "")
    page = text(nurse.post(desk(people.patient), typed(ready="thanks", text=known)))
    assert known not in page
    assert not CareMessage.objects.exists()


@pytest.mark.parametrize("ready", READY_TEXTS, ids=lambda one: one.key)
def test_ready_texts_are_plain_in_each_language(ready: Any) -> None:
    said = {code: ready.in_language(code, "(312) 555-0100") for code in CODES}
    assert len(set(said.values())) == len(CODES)
    assert reading_grade(ready.in_language("en", "our number")) <= 6


# --- Who is told, and when ---


def test_a_notice_waits_for_the_end_of_the_quiet_hours(people: Cast) -> None:
    people.procedure.ended_at = people.procedure.recorded_at = datetime(2026, 6, 8, 15, 0, tzinfo=UTC)
    people.procedure.save()
    night = datetime(2026, 6, 11, 4, 0, tzinfo=UTC)  # 23:00 in Chicago
    write(people, night)
    [row] = notices()
    assert row.due_at == datetime(2026, 6, 11, 13, 0, tzinfo=UTC)
    assert row.send_by == row.due_at + timedelta(hours=12)
    day = night + timedelta(hours=12)
    write(people, day)
    assert notices()[-1].due_at == day


def test_helpers_are_told_only_when_the_patient_lets_them_be(people: Cast) -> None:
    write(people)
    assert [row.recipient for row in notices()] == [f"patient:{people.patient.pk}"]


def test_a_helper_who_may_is_told_too(people: Cast, told: Caregiver) -> None:
    write(people)
    assert {row.recipient for row in notices()} == {f"patient:{people.patient.pk}", f"caregiver:{told.pk}"}


def no_sign_in(people: Cast) -> None:
    Patient.all_clinics.filter(pk=people.patient.pk).update(user=None)


def stopped_texts(people: Cast) -> None:
    Patient.all_clinics.filter(pk=people.patient.pk).update(email="", phone="+13125550177")
    StoppedNumber.objects.create(number="+13125550177", stopped_at=timezone.now())


def no_agreement(people: Cast) -> None:
    Consent.objects.filter(patient=people.patient).update(withdrawn_at=timezone.now())


@pytest.mark.parametrize(
    ("break_it", "why"),
    [
        (no_sign_in, "the patient has no sign-in yet"),
        (stopped_texts, "no text reaches the phone in the record"),
        (no_agreement, "has not agreed to messages"),
    ],
)
def test_the_nurse_reads_that_no_notice_reaches_the_patient_before_and_after(
    people: Cast, nurse: Client, break_it: Any, why: str
) -> None:
    break_it(people)
    assert why in text(nurse.get(desk(people.patient)))
    assert why in text(nurse.post(desk(people.patient), typed(), follow=True))
    assert notices() == []
    assert CareMessage.objects.count() == 1


# --- Who has read it ---


def test_today_leads_to_it_and_the_chart_says_who_read_it_when(
    people: Cast, nurse: Client, told: Caregiver
) -> None:
    rosa, hilda = signed_in(people.patient), signed_in(told)
    assert PAGE not in text(rosa.get("/today/"))
    write(people)
    assert "New from the care team" in text(rosa.get("/today/"))
    assert not CareMessageRead.objects.exists(), "Today shows that it is there, and not what it says"
    hilda.get(PAGE)
    page = text(nurse.get(chart(people.patient)))
    assert "Read by Hilda Helps (helper)" in page
    assert "Not read by the patient yet." in page
    for _ in range(2):
        rosa.get(PAGE)
    assert CareMessageRead.objects.count() == 2
    assert "Not read by the patient yet." not in text(nurse.get(chart(people.patient)))
    assert "New from the care team" not in text(rosa.get("/today/"))
    assert PAGE in text(rosa.get("/today/"))


def test_a_browser_that_fetches_ahead_has_read_nothing(people: Cast) -> None:
    write(people)
    rosa = signed_in(people.patient)
    rosa.get(PAGE, headers={"Sec-Purpose": "prefetch"})
    rosa.head(PAGE)
    assert not CareMessageRead.objects.exists()


def test_a_helper_who_is_not_told_reads_nothing_and_sees_no_line(people: Cast) -> None:
    write(people)
    hilda = signed_in(people.helper)
    assert hilda.get(PAGE).status_code == 404
    assert PAGE not in text(hilda.get("/today/"))


# --- What comes back ---


def answer(client: Client, people: Cast, notes: str, **more: str) -> Any:
    about = {"client_id": str(uuid.uuid4()), "about": str(people.patient.code)}
    return client.post(PAGE, {**about, "notes": notes, **more})


def test_an_answer_is_a_log_with_a_note_and_waits_on_the_worklist(people: Cast, nurse: Client) -> None:
    write(people)
    sent = answer(signed_in(people.patient), people, "I will bring it.")
    row = DailyLog.objects.get()
    assert sent.url == f"/log/{row.code}/advice/"
    assert (row.answers["notes"], row.partial, row.entered_by) == ("I will bring it.", True, people.patient.user)
    # as words by text: what was not asked is not taken for calm
    assert [rule["id"] for rule in row.assessment.fired] == ["RW-25"]
    assert [note.patient for note in unread_notes(people.nurse, timezone.now())] == [people.patient]
    assert "I will bring it." in text(nurse.get(chart(people.patient)))


def test_danger_in_an_answer_raises_the_alert_as_in_any_log(people: Cast) -> None:
    sent = answer(signed_in(people.patient), people, "My chest hurts and I cannot breathe.")
    assert alert_of(people.patient).tier == "call_911"
    assert "911" in text(signed_in(people.patient).get(sent.url))


def test_an_answer_closes_no_sign_that_it_does_not_mention(people: Cast, send: Send) -> None:
    send({"fever_feel": "yes", "temp_value": 100.9, "temp_unit": "F"})
    before = alert_of(people.patient)
    answer(signed_in(people.patient), people, "All is fine, thank you.")
    assert alert_of(people.patient).pk == before.pk
    assert not before.signs.filter(resolved_at__isnull=False).exists()


def test_an_answer_sent_twice_is_one_log(people: Cast) -> None:
    rosa, once = signed_in(people.patient), str(uuid.uuid4())
    for _ in range(2):
        assert answer(rosa, people, "Yes.", client_id=once).status_code == 302
    assert DailyLog.objects.count() == 1


def test_danger_at_the_end_of_a_long_answer_is_read_too(people: Cast) -> None:
    words = f"{'I walked to the shop today. ' * 60}My chest hurts and I cannot breathe."
    answer(signed_in(people.patient), people, words)
    assert DailyLog.objects.get().words["notes"] == words
    assert alert_of(people.patient).tier == "call_911"


def test_an_answer_that_cannot_be_sent_says_why_and_stays(people: Cast, told: Caregiver) -> None:
    write(people)
    rosa, hilda = signed_in(people.patient), signed_in(told)
    assert "Write your answer first" in text(answer(rosa, people, " "))
    other = answer(rosa, people, "Yes.", about=str(people.other_patient.code))
    assert "This was begun for another person." in text(other)
    assert f'value="{people.patient.code}"' in text(other)
    Caregiver.objects.filter(pk=told.pk).update(may_log=False)
    assert "You may read here, but not send." in text(answer(hilda, people, "Not yet."))
    people.procedure.closed_at = timezone.now()
    people.procedure.save()
    late = answer(rosa, people, "I will come.")
    assert late.status_code == 422
    assert "no longer watches this recovery" in text(late)
    assert "I will come." in text(late)
    assert not DailyLog.objects.exists()


def test_an_answer_sent_while_signed_out_is_kept_for_its_patient_and_says_911_at_once(people: Cast) -> None:
    write(people)
    phone = Client()
    asked = answer(phone, people, "My chest hurts and I cannot breathe.")
    assert asked.status_code == 401
    assert "Call 911 now" in text(asked)
    assert "next=/messages/" in text(asked)
    phone.force_login(people.patient.user)
    page = text(phone.get("/messages/"))
    assert "My chest hurts and I cannot breathe.</textarea>" in page
    (once,) = re.findall(r'name="client_id" value="([0-9a-f-]+)"', page)
    answer(phone, people, "My chest hurts and I cannot breathe.", client_id=once)
    assert alert_of(people.patient).tier == "call_911"
    assert "My chest hurts" not in text(phone.get("/messages/"))


def test_an_answer_with_a_stale_token_is_kept_too(people: Cast) -> None:
    write(people)
    phone = Client(enforce_csrf_checks=True)
    phone.force_login(people.patient.user)
    assert answer(phone, people, "I will bring it.").status_code == 403
    assert "I will bring it.</textarea>" in text(phone.get("/messages/"))


def test_a_flood_of_calm_answers_is_held_back_and_an_urgent_one_never(
    people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MOST > 1
    monkeypatch.setattr("recovery.logs.check.MOST", 1)
    rosa = signed_in(people.patient)
    answer(rosa, people, "One.")
    held = answer(rosa, people, "Two.")
    assert held.status_code == 422
    assert "Two." in text(held)
    answer(rosa, people, "My chest hurts and I cannot breathe.")
    assert alert_of(people.patient).tier == "call_911"
