"""Text messages that come in at the same moment."""

from functools import partial

import pytest
from django.utils import timezone

from alerts.lifecycle.escalation import advance_due
from alerts.lifecycle.sms_replies import MOST_TRIES
from alerts.messaging.codes import give_codes
from alerts.models import SmsReply
from recovery.logs.texts import take_text
from tests.alerts.steps import CHEST, fresh, minutes, raise_for, what_happened
from tests.attacks.at_once import at_once
from tests.people import Cast, cast, make_mobile, make_patient

pytestmark = pytest.mark.django_db(transaction=True)
NORA, NILES = "+13125550111", "+13125550112"


@pytest.fixture
def people(transactional_db: None) -> Cast:
    """Everybody, committed, two of them with a mobile."""
    found = cast()
    make_mobile(found.nurse, NORA)
    make_mobile(found.nurse2, NILES)
    return found


def text(name: str, number: str, words: str) -> str:
    return take_text(provider_id=name, number=number, text=words, now=timezone.now())


def test_two_nurses_text_the_code_at_once_and_one_has_it(people: Cast) -> None:
    for number in range(5):
        alert = raise_for(make_patient(people.clinic), CHEST, now=timezone.now() - minutes(1))
        advance_due()
        code = fresh(alert).ack_code
        answers = at_once(*[partial(text, f"{who}{number}", who, code) for who in (NORA, NILES)])
        assert sorted(answer.split(",")[0].split()[0] == "You" for answer in answers) == [False, True]
        assert what_happened(alert).count("acknowledged") == 1


def test_the_same_message_twice_at_once_counts_once(people: Cast) -> None:
    answers = at_once(*[partial(text, "SM1", NORA, "111111") for _ in range(4)])
    assert len(set(answers)) == 1
    assert SmsReply.objects.count() == 1


def test_many_guesses_at_once_get_five_answers(people: Cast) -> None:
    answers = at_once(*[partial(text, f"SM{n}", NORA, f"{n:06}") for n in range(12)])
    assert sum(bool(answer) for answer in answers) == MOST_TRIES


def test_codes_of_active_alerts_are_never_the_same(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter(["000001", "000001", "000001", "000002"])
    monkeypatch.setattr("alerts.messaging.codes._random", lambda: next(drawn))
    alerts = [raise_for(make_patient(people.clinic), CHEST, now=timezone.now()) for _ in range(2)]
    for alert in alerts:
        give_codes([alert])
        alert.save()
    assert [alert.ack_code for alert in alerts] == ["000001", "000002"]
