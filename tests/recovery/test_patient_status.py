"""How a patient is now: one answer, the same on the list, the roster and the chart."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from alerts.models import Alert
from patients.models import Patient, Procedure
from patients.tiers import TIERS
from recovery.care_plan import refresh
from recovery.journey import actions
from recovery.wording.patient_status import Facts, OpenSign, present
from tests.patients.pages import signed_in, text
from tests.people import Cast, make_patient, make_procedure
from tests.recovery.conftest import BREATHLESS, NUMB, Send
from tests.recovery.desk import WORKLIST, another, chart

NOW = datetime(2026, 6, 10, 15, 0, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]
moments = st.none() | st.integers(-200, 200).map(lambda hours: NOW + timedelta(hours=hours))
signs = st.builds(OpenSign, st.sampled_from(["numb", "RW-24", "chest"]), st.sampled_from(TIERS[1:]), st.just(NOW))
facts = st.builds(
    Facts,
    watched=st.just(True),
    last_log_at=moments,
    last_log_tier=st.sampled_from(["", *TIERS]),
    alert_tier=st.sampled_from(["", *TIERS[1:]]),
    signs=st.lists(signs, max_size=3),
    silent_from=moments,
    in_hospital_since=st.sampled_from([None, NOW - timedelta(days=1)]),
)


@given(facts)
def test_nobody_silent_is_on_track_and_nothing_is_urgent_without_an_alert(given_: Facts) -> None:
    found = present(given_, NOW)
    assert not (found.silent and found.tier in ("", "on_track"))
    if found.tier in ("call_911", "call_doctor_now"):
        assert found.tier == given_.alert_tier
    if given_.alert_tier:
        assert TIERS.index(found.tier) >= TIERS.index(given_.alert_tier)


@given(facts)
def test_whoever_never_logged_is_never_on_track(given_: Facts) -> None:
    unknown = Facts(True, alert_tier=given_.alert_tier, signs=given_.signs, silent_from=given_.silent_from)
    found = present(unknown, NOW)
    assert found.never_logged
    assert found.tier != "on_track"


@given(facts)
def test_silence_counts_by_the_clock_before_anybody_noticed_it_and_pauses_in_the_hospital(given_: Facts) -> None:
    late = present(
        Facts(True, last_log_at=NOW, last_log_tier="on_track", silent_from=NOW - timedelta(seconds=1)), NOW
    )
    assert (late.tier, late.silent, late.sign) == ("watch", True, "RW-24")
    away = present(Facts(True, NOW, "on_track", silent_from=NOW - timedelta(days=1), in_hospital_since=NOW), NOW)
    assert (away.tier, away.silent, away.mark) == ("on_track", False, "hospital")


@given(facts)
def test_in_the_hospital_only_an_alert_is_said_before_that(given_: Facts) -> None:
    found = present(given_, NOW)
    assert found.mark != "on_track" or given_.in_hospital_since is None
    if given_.in_hospital_since:
        assert found.mark == (found.tier if given_.alert_tier else "hospital")


# --- The pages ---


@pytest.fixture(autouse=True)
def one_factor(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False


@pytest.fixture
def nurse(people: Cast) -> Client:
    return signed_in(people.nurse)


def shown(nurse: Client, patient: Patient) -> tuple[str, str, str]:
    """The tier of one patient on the list, on the roster and on the chart, as the reader sees it."""
    groups = nurse.get(WORKLIST).context["groups"]
    row = next(row for group in groups for row in group.rows if row.code == patient.code)
    page_of_one = nurse.post("/desk/patients/", {"q": patient.mrn}, follow=True)
    found = page_of_one.context["rows"][0].known.present.tier
    page = text(nurse.get(chart(patient)))
    label = re.search(r'class="chart-tier[^"]*">\s*<span class="tier (tier-\w+)', page)
    css = {
        "tier-911": "call_911",
        "tier-doctor": "call_doctor_now",
        "tier-watch": "watch",
        "tier-track": "on_track",
    }
    return row.tier, found, css.get(label.group(1), "") if label else "?"


@pytest.mark.slow
def test_list_roster_and_chart_show_one_tier_at_every_moment_of_an_alert(
    people: Cast, send: Send, nurse: Client
) -> None:
    patient, now = people.patient, timezone.now()
    Procedure.objects.update(ended_at=now - timedelta(hours=30))
    assert shown(nurse, patient) == ("", "", "")
    send({})
    assert shown(nurse, patient) == ("on_track",) * 3
    send(NUMB)
    assert shown(nurse, patient) == ("call_doctor_now",) * 3
    about: dict[str, Any] = {"staff": people.nurse, "code": Alert.objects.get().code, "now": now}
    actions.acknowledge(**about)
    assert shown(nurse, patient) == ("call_doctor_now",) * 3
    actions.record_contact(**about, level="contacted", note="x", call_back_by=None)
    assert shown(nurse, patient) == ("call_doctor_now",) * 3
    actions.resolve(**about, outcome="advised", note="x")
    assert shown(nurse, patient) == ("watch",) * 3
    send({})
    assert shown(nurse, patient) == ("on_track",) * 3


@pytest.mark.slow
def test_an_older_urgent_log_that_comes_late_leaves_no_red_behind(people: Cast, send: Send, nurse: Client) -> None:
    now = timezone.now()
    send({})
    send(BREATHLESS, answered_at=now - timedelta(hours=5))
    assert shown(nurse, people.patient) == ("call_911",) * 3
    code = Alert.objects.get().code
    actions.record_contact(staff=people.nurse, code=code, level="evaluated", note="x", call_back_by=None, now=now)
    actions.resolve(staff=people.nurse, code=code, outcome="seen_in_clinic", note="x", now=now)
    assert shown(nurse, people.patient) == ("on_track",) * 3


@pytest.mark.slow
def test_whoever_is_silent_is_watch_everywhere_before_the_sweep_came_by(people: Cast, nurse: Client) -> None:
    silent = make_patient(people.clinic, "Silent")
    make_procedure(silent, timezone.now() - timedelta(days=5))
    assert shown(nurse, silent) == ("watch",) * 3
    titles = {group.key: [row.name for row in group.rows] for group in nurse.get(WORKLIST).context["groups"]}
    assert "Silent Recovers" in titles["silent"]
    assert "No log for 5 days" in text(nurse.get(chart(silent)))


@pytest.mark.slow
def test_a_silence_that_a_person_closed_asks_again_after_another_silence_and_stays_on_the_list(
    people: Cast, nurse: Client
) -> None:
    now = timezone.now()
    Procedure.objects.update(ended_at=now - timedelta(days=5))

    def look(hours: float) -> list[str]:
        Patient.all_clinics.update(plan_due_at=now)
        refresh.refresh_due(now + timedelta(hours=hours))
        return [alert.state for alert in Alert.objects.order_by("pk")]

    assert look(0) == ["open"]
    code = Alert.objects.get().code
    actions.resolve(staff=people.nurse, code=code, outcome="advised", note="She is well.", now=now)
    assert look(0.1) == look(47) == ["resolved"]
    assert shown(nurse, people.patient) == ("watch",) * 3
    assert look(49) == ["resolved", "open"]


def test_nothing_red_ever_stands_under_nothing_waits(people: Cast, send: Send, nurse: Client) -> None:
    Procedure.objects.update(ended_at=timezone.now() - timedelta(hours=30))
    for name, answers in (("Doctor", NUMB), ("Emergency", BREATHLESS)):
        patient = another(people, send, name, answers)
        alert = Alert.objects.get(patient=patient)
        actions.resolve(staff=people.nurse, code=alert.code, outcome="sent_to_er", note="x", now=timezone.now())
    rest = next(group for group in nurse.get(WORKLIST).context["groups"] if group.key == "rest")
    assert {row.name: row.tier for row in rest.rows} == {
        "Doctor Recovers": "watch",
        "Emergency Recovers": "watch",
        "Rosa Recovers": "",
    }


def test_no_other_place_decides_how_a_patient_is() -> None:
    """Whoever wants to say it asks wording.patient_status; the columns it rests on are read in one place."""
    may = {
        "recovery/selectors/patient_status.py",
        "recovery/wording/patient_status.py",
        "patients/models/patient.py",
        "recovery/logs/tell.py",
    }
    found = set()
    for app in ("patients", "alerts", "recovery", "config", "ops", "templates"):
        for path in (ROOT / app).rglob("*"):
            name = str(path.relative_to(ROOT))
            if path.suffix not in (".py", ".html") or "migrations" in path.parts or name in may:
                continue
            if re.search(r"last_log_tier|\b(patient|p|row\.patient)\.tier\b", path.read_text()):
                found.add(name)
    assert found == set()
