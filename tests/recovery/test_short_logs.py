"""An answer of one word, as a text message or an automatic call brings it."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from alerts.models import Alert, AlertSign
from patients.models import Patient
from recovery.selectors.patient_status import presents, with_facts
from recovery.state import current_state, record
from recovery.triage.validation import validate_log
from tests.people import Cast
from tests.recovery.conftest import NUMB, Send

FINE = {"door": "sms", "short_answer": "fine"}
HOUR = timedelta(hours=1)
SIXTY_ONE = {f"step_{number}": 1 for number in range(61)}


def word(send: Send, answer: str, **more: Any) -> Any:
    """Only the word: nothing of the form is answered."""
    nothing = dict.fromkeys(("em_gate", "nerve_gate", "site_gate", "fever_feel", "pain_move", "back_change"))
    return send({**nothing, "door": "sms", "short_answer": answer}, **more).assessment


@pytest.mark.parametrize(
    ("answer", "tier"), [("fine", "on_track"), ("worse", "call_doctor_now"), ("emergency", "call_911")]
)
def test_each_word_has_its_tier(people: Cast, send: Send, answer: str, tier: str) -> None:
    assert word(send, answer).tier == tier


def test_fine_ends_a_silence_and_lowers_nothing(people: Cast, send: Send) -> None:
    """The open watch sign stays, the silent one goes, the tier of the last whole log stays with the patient."""
    now = timezone.now()
    send({"back_stiff": "new_or_worse"}, now=now - 2 * HOUR)
    alert = Alert.objects.get()
    AlertSign.objects.create(
        alert=alert, patient=people.patient, sign="RW-24", tier="watch", opened_at=now, last_seen_at=now
    )
    word(send, "fine", now=now)
    now_is = presents(with_facts(Patient.all_clinics.filter(pk=people.patient.pk)), now)[people.patient.pk].present
    assert (now_is.tier, now_is.silent, now_is.last_log_at) == ("watch", False, now)
    left = AlertSign.objects.filter(resolved_at__isnull=True)
    assert list(left.values_list("sign", flat=True)) == ["RW-05"]


def test_fine_never_makes_an_unanswered_sign_absent(people: Cast, send: Send) -> None:
    send(NUMB)
    told = word(send, "fine")
    assert (told.tier, [fired["id"] for fired in told.fired]) == ("call_doctor_now", ["RL-04"])


def test_fine_is_no_fresh_log_for_a_permission(people: Cast, send: Send) -> None:
    now = timezone.now()
    first = send(now=now - 5 * HOUR).log
    word(send, "fine", now=now)
    procedure = record.with_overrides(people.patient.procedures.all()).get()
    at = current_state.load(procedure, now)
    assert current_state.state(at, [])["last_log_at"] == first.happened_at
    assert at.last_log is not None
    assert at.last_log.only_fine


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        ("door", ["app", "web", "nurse", "sms", "call", None], ["fax", 1, ["sms"]]),
        ("short_answer", ["fine", "worse", "emergency", None], ["ok", 0]),
        (
            "step_seconds",
            [None, {}, {"part_1": 0, "part_2": 3600.0}],
            [[], {"part_1": -0.1}, {"part_1": 3600.1}, {"part_1": "x"}, {"a b": 1}, {"x" * 41: 1}, SIXTY_ONE],
        ),
    ],
)  # fmt: skip
def test_what_comes_beside_the_words_is_bounded(field: str, good: list[Any], bad: list[Any]) -> None:
    assert [value for value in good if validate_log({field: value})] == []
    assert [value for value in bad if not validate_log({field: value})] == []
