"""Thousands of malformed logs through both doors: a clear answer each time, never a crash, nothing urgent lost."""

import json
import uuid
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recovery.models import DailyLog
from recovery.triage.rulebook import load_rulebook
from tests.database import undone
from tests.depth import examples
from tests.people import Cast, cast
from tests.recovery.conftest import CALM

FIELDS = [field["code"] for group in load_rulebook().content["groups"] for field in group["fields"]]


def many(count: int) -> settings:
    """The same examples in every run, as fast as the machine goes."""
    return settings(
        max_examples=examples(count),
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


# Anything JSON can carry, with the letters databases stumble over.
odd_texts = st.sampled_from(["none", "some", "yes", "\0", "\ud800", "9" * 400])
texts = st.text(alphabet=st.characters(), max_size=30) | odd_texts
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
answers = st.dictionaries(st.sampled_from(FIELDS) | texts, values, max_size=8)
envelopes = st.fixed_dictionaries(
    {},
    optional={
        "client_id": st.just(str(uuid.uuid4())) | values,
        "answers": answers.map(lambda odd: {**CALM, **odd}) | values,
        "answered_at": st.sampled_from(["2026-11-20T10:00:00-05:00", "0001-01-01T00:00:00+14:00", "now"]) | values,
        "partial": st.booleans() | values,
        "phone_tier": st.sampled_from(["call_911", "watch"]) | values,
        "phone_rulebook": texts | values,
        "supersedes": st.just(str(uuid.uuid4())) | values,
        "surprise": values,
    },
)


@pytest.fixture
def people(db: None) -> Cast:
    return cast()


@pytest.fixture
def phone(people: Cast) -> Client:
    """The patient's signed-in browser; a crash in a view is a 500 here, not an exception."""
    client = Client(raise_request_exception=False)
    client.force_login(people.patient.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@many(1500)
@given(body=envelopes | values)
@pytest.mark.slow
def test_no_json_crashes_the_api(phone: Client, body: Any) -> None:
    raw = json.dumps(body)
    with undone():
        answer = phone.post("/api/logs/", raw, content_type="application/json")
    assert answer.status_code in (200, 201, 400, 413, 422), (answer.status_code, raw)
    if answer.status_code >= 400:
        problem = answer.json()
        assert problem["title"]
        assert all(entry["reason"] for entry in problem["errors"])


@many(500)
@given(raw=st.binary(max_size=200))
@pytest.mark.slow
def test_no_bytes_crash_the_api(phone: Client, raw: bytes) -> None:
    with undone():
        answer = phone.post("/api/logs/", raw, content_type="application/json")
    assert answer.status_code in (400, 413, 415, 422)


form_values = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=40) | st.sampled_from(
    ["yes", "none", "-1", "11", "8.5", "1e309", "37,9", "legs", "\0"]
)
forms = st.dictionaries(
    st.sampled_from(FIELDS) | form_values, form_values | st.lists(form_values, max_size=4), max_size=8
)


@many(250)
@given(odd=forms)
@pytest.mark.slow
def test_no_form_crashes_the_page_and_what_was_typed_stays(phone: Client, odd: dict[str, Any]) -> None:
    with undone():
        answer = phone.post("/log/", {**CALM, **odd})
    assert answer.status_code in (302, 422), (answer.status_code, odd)


def test_every_urgent_answer_beside_nonsense_is_still_kept(phone: Client, people: Cast) -> None:
    phone.post("/log/", {**CALM, "em_gate": "some", "em_chest_pain": "yes", "pain_move": "eleven"})
    log = DailyLog.objects.get(patient=people.patient)
    assert log.assessment.tier == "call_911"


@pytest.mark.parametrize(
    ("field", "value"),
    [("pain_move", -1), ("pain_move", 11), ("pain_move", 8.5), ("walk_minutes", 601), ("apap_total_mg", 20001)]
    + [("opioid_hours_since", 169), ("em_gate", "maybe")],
)
def test_a_value_out_of_range_is_named_and_never_judged(phone: Client, field: str, value: Any) -> None:
    body = {"client_id": str(uuid.uuid4()), "answers": {**CALM, field: value}}
    answer = phone.post("/api/logs/", json.dumps(body), content_type="application/json")
    assert answer.status_code == 201
    assert [entry["field"] for entry in answer.json()["unread"]] == [f"answers.{field}"]
    log = DailyLog.objects.get()
    assert field not in log.answers
    assert log.left_over["unread"] == {field: str(value)}
