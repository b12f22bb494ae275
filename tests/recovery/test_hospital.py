"""In the hospital is a state: what would call or count pauses, nobody is forgotten, a person ends it."""

import json
import re
import uuid
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from alerts.models import Alert, Delivery
from patients.models import AccessEvent, HospitalStay, Patient, Procedure
from patients.services.errors import NotPossible
from patients.services.records import close_recovery
from recovery.care_plan import refresh, sending
from recovery.journey import stays
from recovery.models import Reminder
from tests.architecture.test_access_matrix import ROWS, World, world  # noqa: F401
from tests.patients.pages import signed_in, text
from tests.people import Cast
from tests.recovery.conftest import CALM, NUMB, Send
from tests.recovery.desk import WORKLIST, alert_of, chart


@pytest.fixture(autouse=True)
def one_factor(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False


@pytest.fixture
def nurse(people: Cast) -> Client:
    return signed_in(people.nurse)


def address(people: Cast) -> str:
    return f"{chart(people.patient)}hospital/"


def local(people: Cast, days: float = 0) -> str:
    """Some days ago, as the form takes it on the clinic's clocks."""
    at = timezone.now() - timedelta(days=days)
    return f"{at.astimezone(ZoneInfo(people.clinic.timezone)):%Y-%m-%dT%H:%M}"


def away(people: Cast, days: float = 0) -> HospitalStay:
    now = timezone.now()
    since = now - timedelta(days=days)
    stay = stays.begin(staff=people.nurse, patient=people.patient, since=since, note="St. Mary", now=now)
    HospitalStay.objects.update(noted_at=since, checked_at=since)
    return stay


def group_of(nurse: Client, name: str) -> tuple[str, str]:
    """In which part of the list somebody stands, and why."""
    groups = nurse.get(WORKLIST).context["groups"]
    return next((group.key, row.why) for group in groups for row in group.rows if row.name.startswith(name))


def test_a_nurse_begins_it_with_since_when_and_the_list_shows_it(people: Cast, nurse: Client) -> None:
    answer = nurse.post(address(people), {"at": "2026-01-01T10:00", "note": ""})
    assert answer.status_code == 422
    at = local(people, days=2)
    assert nurse.post(address(people), {"at": at, "note": "St. Mary, pneumonia"}).status_code == 302
    stay = HospitalStay.objects.get()
    assert (stay.noted_by, stay.note) == (people.nurse, "St. Mary, pneumonia")
    assert group_of(nurse, "Rosa")[0] == "hospital"
    assert "St. Mary, pneumonia" in text(nurse.get(chart(people.patient)))
    assert AccessEvent.objects.filter(action="wrote down a hospital stay").exists()


def test_meanwhile_nobody_is_silent_and_no_reminder_goes_out(people: Cast) -> None:
    now = timezone.now()
    Procedure.objects.update(ended_at=now - timedelta(days=5))
    Reminder.objects.create(procedure=people.procedure, key="log:x", due_at=now - timedelta(minutes=1))
    away(people)
    sending.send_due(now + timedelta(hours=8))
    refresh.refresh_due(now + timedelta(hours=8))
    assert not Alert.objects.exists()
    assert not Delivery.objects.exists()
    assert not Reminder.objects.filter(state="pending").exists()


def test_home_again_silence_counts_from_that_day_and_the_plan_goes_on(people: Cast) -> None:
    now = timezone.now()
    Procedure.objects.update(ended_at=now - timedelta(days=9))
    away(people, days=4)
    stays.end(staff=people.nurse, patient=people.patient, ended_at=now, note="well", now=now)
    refresh.refresh_due(now + timedelta(minutes=1))
    assert not Alert.objects.exists()
    assert Reminder.objects.filter(state="pending").exists()
    refresh.refresh_due(now + timedelta(hours=47))
    assert not Alert.objects.exists()
    Patient.all_clinics.update(plan_due_at=now)
    refresh.refresh_due(now + timedelta(hours=73))
    assert Alert.objects.get().tier == "watch"


def test_an_open_alert_keeps_its_state_and_a_new_log_is_judged_as_always(
    people: Cast, send: Send, nurse: Client
) -> None:
    send(NUMB)
    before = alert_of(people.patient)
    away(people)
    refresh.refresh_due(timezone.now())
    after = alert_of(people.patient)
    assert (after.state, after.next_step_at, after.tier) == (before.state, before.next_step_at, before.tier)
    assert group_of(nurse, "Rosa")[0] == "open"
    assert "In the hospital for 0 min" in group_of(nurse, "Rosa")[1]
    send({"em_gate": "some", "em_breath": "severe"})
    assert alert_of(people.patient).tier == "call_911"


def test_a_calm_log_does_not_end_it(people: Cast, send: Send, nurse: Client) -> None:
    away(people)
    send({})
    assert group_of(nurse, "Rosa")[0] == "hospital"
    assert HospitalStay.objects.get().ended_at is None


def test_the_list_asks_after_three_days_until_somebody_says_so(people: Cast, nurse: Client) -> None:
    away(people, days=2)
    assert "Please ask" not in group_of(nurse, "Rosa")[1]
    HospitalStay.objects.update(
        since=timezone.now() - timedelta(days=4), checked_at=timezone.now() - timedelta(days=4)
    )
    assert group_of(nurse, "Rosa")[1] == "In the hospital for 4 days. Still there? Please ask"
    assert nurse.post(address(people), {"still": "1"}).status_code == 302
    assert group_of(nurse, "Rosa")[1] == "In the hospital for 4 days"


def test_a_person_ends_it_and_it_is_written_down(people: Cast, nurse: Client) -> None:
    away(people, days=2)
    at = local(people)
    too_early = local(people, days=3)
    answer = nurse.post(address(people), {"at": too_early, "note": "home"})
    assert "This is before the stay began." in text(answer)
    assert nurse.post(address(people), {"at": at, "note": "home"}).status_code == 302
    stay = HospitalStay.objects.get()
    assert (stay.ended_by, stay.end_note) == (people.nurse, "home")
    assert group_of(nurse, "Rosa")[0] != "hospital"
    assert "somebody has just ended it" in text(nurse.post(address(people), {"still": "1"}, follow=True))


def test_a_recovery_is_not_closed_over_an_open_stay(people: Cast) -> None:
    away(people)
    now = timezone.now()
    about = {"staff": people.nurse, "patient": people.patient, "procedure": people.procedure}
    with pytest.raises(NotPossible, match="in the hospital"):
        close_recovery(**about, closed_at=now, now=now)


def test_closing_the_last_alert_leaves_them_with_those_in_the_hospital(
    people: Cast, send: Send, nurse: Client
) -> None:
    send(NUMB)
    away(people)
    typed = {"outcome": "sent_to_er", "note": "x", "worth": "useful"}
    nurse.post(f"/desk/alerts/{alert_of(people.patient).code}/resolve/", typed)
    people.patient.refresh_from_db()
    assert people.patient.work_rank == 55
    assert group_of(nurse, "Rosa")[0] == "hospital"


# ---- No door says "On track" of somebody who is in the hospital

ABOUT_RULES = ("recovery:rules", "recovery:settings", "recovery:rules_replay", "alerts:policy")
# Every mark stands there with how many have it.
COUNTS = ("recovery:figures",)
SAYS_SINCE = {
    "patient": ("recovery:today", "recovery:history", "recovery:visit", "recovery:advice"),
    "helper": ("recovery:today", "recovery:history", "recovery:visit", "recovery:advice"),
    "nurse": ("recovery:roster", "recovery:chart"),
    "manager": ("recovery:roster", "recovery:chart"),
}


@pytest.fixture
def in_hospital(people: Cast, send: Send, world: World) -> World:  # noqa: F811
    """A calm log before the stay, one in it, and no alert that waits."""
    now = timezone.now()
    Alert.objects.update(
        state="resolved", resolved_at=now, resolved_by=people.nurse, outcome="expected", next_step_at=None
    )
    world.alert.signs.update(resolved_at=now)
    send(now=now + timedelta(seconds=1))
    away(people)
    world.log = send(now=now + timedelta(seconds=2)).log
    return world


@pytest.mark.parametrize("who", SAYS_SINCE)
@pytest.mark.slow
def test_no_page_of_anybody_says_on_track_of_them(in_hospital: World, who: str) -> None:
    client = signed_in(getattr(in_hospital.people, who))
    pages = [name for name in ROWS if ROWS[name].method == "GET" and name not in (*ABOUT_RULES, *COUNTS)]
    since = []
    for name in sorted(pages):
        answer = client.get(in_hospital.address(name))
        if answer.status_code == 200 and "html" in answer.headers["Content-Type"]:
            found = [words for words in ("On track", "tier-track") if words in text(answer)]
            assert (name, found) == (name, [])
            plain = " ".join(re.sub(r"<[^>]+>", " ", text(answer)).split())
            since += [name] if re.search(r"(?:In|is in) hospital since \w{3} \w{3} \d", plain) else []
    assert set(SAYS_SINCE[who]) <= set(since)


def test_the_list_and_the_figures_say_in_hospital(in_hospital: World) -> None:
    nurse = signed_in(in_hospital.people.nurse)
    rows = [row for group in nurse.get(WORKLIST).context["groups"] for row in group.rows]
    assert [row.tier for row in rows if row.code == in_hospital.people.patient.code] == ["hospital"]
    counted = dict(nurse.get("/desk/figures/").context["people"].tiers)
    assert (counted["hospital"], counted["on_track"]) == (1, 0)
    assert sum(counted.values()) == nurse.get("/desk/figures/").context["people"].watched


@pytest.mark.slow
def test_the_phone_is_told_since_when_and_home_again_it_is_on_track(in_hospital: World) -> None:
    people, phone = in_hospital.people, signed_in(in_hospital.people.patient)
    since = HospitalStay.objects.get().since.isoformat()
    body = {"client_id": str(uuid.uuid4()), "answers": CALM}
    assert phone.get("/api/facts/").json()["in_hospital_since"] == since
    answer = phone.post("/api/logs/", json.dumps(body), content_type="application/json")
    assert answer.json()["in_hospital_since"] == since
    now = timezone.now()
    stays.end(staff=people.nurse, patient=people.patient, ended_at=now, note="", now=now)
    assert phone.get("/api/facts/").json()["in_hospital_since"] is None
    assert "On track" in text(phone.get("/history/"))
    assert "In hospital" not in text(phone.get("/today/"))


def test_an_alert_that_waits_stays_what_is_said_of_them(people: Cast, send: Send, nurse: Client) -> None:
    send(NUMB)
    away(people)
    page = text(nurse.get(chart(people.patient)))
    assert re.search(r'class="chart-tier[^"]*">\s*<span class="tier tier-doctor', page)
    assert "<strong>In hospital</strong> <span>since " in page


def test_a_log_by_phone_from_the_hospital_is_said_of_its_answers_alone(people: Cast, nurse: Client) -> None:
    away(people)
    answer = nurse.post(f"{chart(people.patient)}log/", CALM, follow=True)
    assert "The log is stored: Answers on track." in text(answer)
