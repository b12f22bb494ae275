"""No screen is calm over words nobody has read, and what sends to the ER says so above it (ROT-01, DF-47)."""

import json
import re
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from alerts.models import Alert
from patients.tiers import GO_TO_ER, HEADINGS, NOT_URGENT, TIERS, URGENT
from recovery.desk.worklist import unread_words
from recovery.logs import texts
from recovery.triage.rulebook import load_rulebook
from recovery.wording import log_words
from tests.architecture.test_access_matrix import ROWS, World, world  # noqa: F401
from tests.patients.pages import signed_in, text
from tests.people import Cast
from tests.recovery.conftest import CALM, NUMB, Send
from tests.recovery.desk import WORKLIST, chart

ODD = "My tongue tastes of metal."
NOTE: dict[str, Any] = {"notes": ODD}
LEAK = {"nerve_gate": "some", "bladder": "leak", "bladder_change": "new"}
CALM_WORDS = (
    "Nobody waits",
    "On track",
    "No warning signs in this log",
    "Keep going",
    "Nothing waits",
    "No rule fired.",
)
# They say what the rules and the plan are, of nobody.
ABOUT_RULES = ("recovery:rules", "recovery:settings", "recovery:rules_replay", "alerts:policy")
# Every mark stands there with how many have it.
COUNTS = ("recovery:figures",)
ENGLISH = {"notes": ODD}, {"question_for_team": "May I swim with it?"}, {"notes": "Hoy amanecí raro"}
SCRIPTS = Path(__file__).resolve().parents[2] / "static/js"


@pytest.fixture(autouse=True)
def one_factor(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.STAFF_SECOND_FACTOR = False
    settings.DEMO = True
    monkeypatch.setattr(unread_words, "KEPT_SECONDS", -1.0)


def plain(answer: HttpResponse) -> str:
    """What is read on a page: no tags, one space."""
    return " ".join(re.sub(r"<[^>]+>", " ", text(answer)).split())


def calm_words(answer: HttpResponse) -> list[str]:
    return [words for words in CALM_WORDS if words in plain(answer)]


@pytest.fixture
def about_a_note(people: Cast, send: Send, world: World) -> World:  # noqa: F811
    """A calm log with a note after the alert of an earlier one was closed."""
    now = timezone.now()
    Alert.objects.update(
        state="resolved", resolved_at=now, resolved_by=people.nurse, outcome="expected", next_step_at=None
    )
    world.alert.signs.update(resolved_at=now)
    world.log = send(NOTE, now=now + timedelta(seconds=1)).log
    return world


@pytest.mark.parametrize("who", ["patient", "helper", "nurse", "manager"])
@pytest.mark.slow
def test_no_page_of_anybody_is_calm_over_a_note_nobody_has_read(about_a_note: World, who: str) -> None:
    people, looked = about_a_note.people, 0
    client = signed_in(getattr(people, who))
    pages = [name for name in ROWS if ROWS[name].method == "GET" and name not in (*ABOUT_RULES, *COUNTS)]
    # Opening the chart is reading the note: last of all.
    for name in sorted(pages, key=lambda name: name == "recovery:chart"):
        answer = client.get(about_a_note.address(name))
        if answer.status_code == 200 and "html" in answer.headers["Content-Type"]:
            looked += 1
            assert (name, calm_words(answer)) == (name, [])
    assert looked > 5


@pytest.mark.parametrize("words", ENGLISH)
@pytest.mark.slow
def test_today_history_advice_and_the_visit_page_say_that_nobody_has_read_it(
    people: Cast, send: Send, words: dict[str, str]
) -> None:
    log = send(words).log
    phone = signed_in(people.patient)
    for page in ("/today/", "/history/", f"/log/{log.code}/advice/"):
        assert plain(phone.get(page)).count(log_words.unread_words()) == 1, page
    assert "Note not read yet" in plain(phone.get("/history/"))
    assert "Note not read yet" in plain(phone.get("/visit/"))
    assert "tier-track" not in text(phone.get(f"/log/{log.code}/advice/"))


@pytest.mark.slow
def test_once_the_chart_was_opened_it_is_on_track_and_no_page_says_that_nobody_read_it(
    people: Cast, send: Send
) -> None:
    log = send(NOTE).log
    phone, nurse = signed_in(people.patient), signed_in(people.nurse)
    assert "A note nobody has read 1" in plain(nurse.get(WORKLIST))
    nurse.get(chart(people.patient))
    for page in ("/today/", "/history/", f"/log/{log.code}/advice/"):
        assert log_words.NOT_READ not in plain(phone.get(page)), page
    assert log_words.READ in plain(phone.get("/history/"))
    assert "On track" in plain(phone.get("/history/"))
    assert "Nothing waits" in plain(nurse.get(WORKLIST))


def test_a_log_without_words_is_calm_as_ever(people: Cast, send: Send) -> None:
    log = send().log
    phone, nurse = signed_in(people.patient), signed_in(people.nurse)
    assert "No warning signs in this log. Keep going." in plain(phone.get(f"/log/{log.code}/advice/"))
    assert log_words.NOT_READ not in plain(phone.get("/today/"))
    assert "On track" in plain(phone.get("/history/"))
    assert "Nothing waits" in plain(nurse.get(WORKLIST))


def test_what_could_not_be_read_is_words_too(people: Cast, send: Send) -> None:
    log = send(unread={"pain_site": "like fire"}).log
    answer = signed_in(people.patient).get(f"/log/{log.code}/advice/")
    assert (calm_words(answer), plain(answer).count(log_words.NOT_READ)) == ([], 1)


@pytest.mark.parametrize("hours", [-5, 60])
def test_a_watch_item_and_a_log_before_the_procedure_say_so_as_well(people: Cast, send: Send, hours: int) -> None:
    people.procedure.ended_at = timezone.now() - timedelta(hours=hours)
    people.procedure.save()
    log = send({**NOTE, "back_stiff": "new_or_worse"}).log
    assert log_words.unread_words() in plain(signed_in(people.patient).get(f"/log/{log.code}/advice/"))


def test_a_known_sign_with_a_plan_is_not_calm_over_a_new_note(people: Cast, send: Send) -> None:
    """RL-03 says "Your team knows about this": of the sign, not of the note."""
    send(NUMB)
    nurse, alert = signed_in(people.nurse), Alert.objects.get()
    nurse.post(f"/desk/alerts/{alert.code}/acknowledge/")
    form = {"level": "contacted", "note": "Rest; call if worse", "newest": alert.events.latest("pk").pk}
    assert nurse.post(f"/desk/alerts/{alert.code}/contact/", form).status_code == 302
    sent = send({**NUMB, "numb_change": "same_as_before", **NOTE})
    assert sent.assessment
    assert sent.assessment.tier == "watch"
    assert log_words.unread_words() in plain(signed_in(people.patient).get(f"/log/{sent.log.code}/advice/"))


def test_the_phones_own_door_and_a_text_message_answer_nothing_calm(people: Cast, send: Send) -> None:
    body = {"client_id": str(uuid.uuid4()), "answers": {**CALM, **NOTE}}
    answer = signed_in(people.patient).post("/api/logs/", json.dumps(body), content_type="application/json")
    told = answer.json()
    assert (told["tier"], told["words_unread"]) == ("on_track", True)
    assert log_words.NOT_READ in " ".join(told["messages"])
    assert not [words for words in CALM_WORDS if words in text(answer)]
    assert not [words for words in CALM_WORDS if words in f"{texts.KEPT}{texts.SHARED}{texts.CALL_CLINIC}"]


def test_the_nurse_who_wrote_it_down_by_phone_reads_nothing_calm(people: Cast) -> None:
    nurse = signed_in(people.nurse)
    answer = nurse.post(f"/desk/patients/{people.patient.code}/log/", {**CALM, **NOTE}, follow=True)
    assert "The log is stored: Answers on track." in plain(answer)
    assert calm_words(answer) == []


def test_the_chart_says_a_calm_tier_of_the_answers_alone(people: Cast, send: Send) -> None:
    send(NOTE)
    found = plain(signed_in(people.nurse).get(chart(people.patient)))
    assert "Answers on track" in found
    assert "No rule fired on the answers. The words above are for you to judge." in found


def test_figures_count_whose_note_waits_apart(people: Cast, send: Send) -> None:
    send(NOTE)
    nurse = signed_in(people.nurse)
    assert "Note not read yet 1" in plain(nurse.get("/desk/figures/"))
    nurse.get(chart(people.patient))
    assert "Note not read yet 0" in plain(nurse.get("/desk/figures/"))


FIRED = st.lists(st.fixed_dictionaries({"er_now": st.booleans()}), max_size=3)


@given(st.sampled_from(TIERS), FIRED, st.sampled_from(["none", "unread", "read"]))
def test_every_log_with_unread_words_that_is_not_urgent_says_so_once(
    tier: str, fired: list[dict[str, Any]], words: str
) -> None:
    book = load_rulebook()
    for stored in ([book.calm.message], [book.calm.message_unread], ["Rest."], []):
        found = log_words.said(tier, fired, [{"text": text} for text in stored], words=words)
        whole = " ".join(found.texts)
        assert found.unread == (words == "unread")
        if words != "none" and tier not in URGENT:
            assert book.calm.message not in whole
            assert whole.count(log_words.NOT_READ) == (words == "unread")
            assert found.mark != "on_track" or words == "read"
        else:
            assert found.texts == tuple(stored)
        assert (found.mark == "er_now") == (found.heading == GO_TO_ER)


def test_the_words_come_from_the_rule_book() -> None:
    calm = load_rulebook().calm
    assert calm.message_unread.endswith(log_words.unread_words())
    assert log_words.unread_words().startswith(log_words.NOT_READ)
    assert log_words.unread_words() != log_words.NOT_READ


# ---- Go to the ER now


def test_the_heading_of_an_er_message_is_its_own_first_sentence() -> None:
    book = load_rulebook()
    variants = [variant.fired for rule in book.urgent for variant in rule.variants]
    assert {fired.message.split(".")[0] for fired in variants if fired.er_now} == {GO_TO_ER}
    assert not [fired.id for fired in variants if fired.message.startswith(GO_TO_ER) and not fired.er_now]


def test_the_phone_has_the_same_headings() -> None:
    script = (SCRIPTS / "tiers.js").read_text()
    for words in (*HEADINGS.values(), GO_TO_ER, NOT_URGENT):
        assert f'"{words}"' in script


def heading_of(answer: HttpResponse, level: str) -> str:
    found = re.search(rf"<{level} [^>]*(?:advice|banner|so-far)-title[^>]*>(.*?)</{level}>", text(answer))
    assert found
    return " ".join(re.sub(r"<svg.*?</svg>|<[^>]+>", "", found[1]).split())


@pytest.mark.slow
def test_advice_today_history_and_the_printed_page_send_to_the_er(people: Cast, send: Send) -> None:
    log = send(LEAK).log
    phone = signed_in(people.patient)
    assert heading_of(phone.get(f"/log/{log.code}/advice/"), "h1") == GO_TO_ER
    assert heading_of(phone.get("/today/"), "h2") == GO_TO_ER
    for page in ("/history/", "/visit/"):
        assert GO_TO_ER in plain(phone.get(page))
        assert "Call doctor now" not in plain(phone.get(page))
    assert GO_TO_ER in plain(signed_in(people.nurse).get(chart(people.patient)))


def test_another_urgent_log_keeps_its_own_heading(people: Cast, send: Send) -> None:
    log = send(NUMB).log
    phone = signed_in(people.patient)
    assert heading_of(phone.get(f"/log/{log.code}/advice/"), "h1") == "Call your doctor now"
    assert "Call doctor now" in plain(phone.get("/history/"))


def test_a_log_that_comes_back_sends_to_the_er_above_the_questions(people: Cast, client: Client) -> None:
    wrong = {**CALM, **LEAK, "temp_value": "hot"}
    answer = signed_in(people.patient).post("/log/", wrong)
    assert answer.status_code == 422
    assert heading_of(answer, "h2") == GO_TO_ER


def test_the_phones_door_says_it_sends_to_the_er(people: Cast) -> None:
    body = {"client_id": str(uuid.uuid4()), "answers": {**CALM, **LEAK}}
    answer = signed_in(people.patient).post("/api/logs/", json.dumps(body), content_type="application/json")
    assert answer.json()["er_now"] is True
