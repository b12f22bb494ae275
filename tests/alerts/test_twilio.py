"""The SMS backend against a provider that runs: what it takes, what it refuses, and how long we wait."""

import threading
from typing import Any

import pytest

from alerts.messaging.channels import OptedOut, OurFault, PermanentFailure, TemporaryFailure, deadline
from alerts.messaging.channels.twilio import Twilio, signature
from tests.simulator import NUMBER, Simulator

TO = "+13125550111"


def send(key: str = "alert:1:sms", text: str = "Please open") -> Any:
    return Twilio().send(TO, text, key)


def test_a_message_is_taken_and_named(simulator: Simulator) -> None:
    sent = send(text="Please open\n")
    (line,) = simulator.lines()
    assert (line["to"], line["sender"], line["body"], line["key"]) == (TO, NUMBER, "Please open", "alert:1:sms")
    assert sent.provider_id == line["id"]
    assert sent.provider_id.startswith("SM")
    assert not sent.delivered


def test_the_same_key_again_is_the_same_message(simulator: Simulator) -> None:
    assert send() == send() != send("another")
    assert [line["repeat"] for line in simulator.lines()] == [False, True, False]


def test_a_messaging_service_may_send(simulator: Simulator, settings: Any) -> None:
    settings.SMS_FROM = "MG123"
    send()
    assert simulator.lines()[0]["sender"] == "MG123"


@pytest.mark.parametrize("code", [21211, 21610, 21614, 30005])
def test_what_can_never_arrive_is_for_good_and_says_why(simulator: Simulator, code: int) -> None:
    simulator.behave(refused_numbers={TO: code})
    with pytest.raises(PermanentFailure, match=rf"\({code}\)") as caught:
        send()
    assert isinstance(caught.value, OptedOut) == (code == 21610)
    assert TO not in str(caught.value)


@pytest.mark.parametrize("fault", ["error", "unavailable", "busy", "reset", "lost_answer"])
def test_what_may_pass_is_tried_again(simulator: Simulator, fault: str) -> None:
    simulator.behave(**{f"{fault}_rate": 1.0})
    with pytest.raises(TemporaryFailure) as caught:
        send()
    assert TO not in str(caught.value)
    assert caught.value.wait_seconds == (2 if fault == "busy" else 0)
    assert len(simulator.lines()) == (1 if fault == "lost_answer" else 0)


@pytest.mark.parametrize("fault", ["hang_rate", "slow_rate", "endless_rate"])
def test_a_call_ends_after_its_seconds_however_slowly_the_answer_drips(
    simulator: Simulator, fault: str, monkeypatch: Any, settings: Any
) -> None:
    hung_up, hang_up = threading.Event(), deadline._cut
    settings.SEND_SECONDS = 0.3

    def note(*line: Any) -> None:
        hung_up.set()
        hang_up(*line)

    monkeypatch.setattr(deadline, "_cut", note)
    simulator.behave(**{fault: 1.0})
    with pytest.raises(TemporaryFailure) as caught:
        send()
    assert hung_up.is_set() or "TimeoutError" in str(caught.value)


def test_nobody_there_may_pass(settings: Any) -> None:
    settings.SMS_API_URL, settings.SMS_ACCOUNT, settings.SMS_FROM = "http://127.0.0.1:9", "AC1", NUMBER
    with pytest.raises(TemporaryFailure, match="ConnectionRefusedError"):
        send()


def test_a_refused_account_is_ours_to_repair_and_loud(simulator: Simulator, settings: Any, caplog: Any) -> None:
    settings.SMS_TOKEN = "an old one"
    with pytest.raises(TemporaryFailure, match="our sign-in was refused .* ours to repair"):
        send()
    assert "refused our account" in caplog.text
    assert TO not in caplog.text


def test_a_number_of_ours_that_is_missing_is_ours_to_repair(simulator: Simulator, settings: Any) -> None:
    settings.SMS_FROM = ""
    with pytest.raises(TemporaryFailure, match="no sending number is set .* ours to repair"):
        send()


@pytest.mark.parametrize("code", [21408, 21611, 30001, 30002, 30023, 30034, 99999])
def test_what_is_ours_is_tried_again_and_blames_no_number(simulator: Simulator, code: int) -> None:
    simulator.behave(refused_numbers={TO: code})
    with pytest.raises(OurFault, match=rf"\({code}\): ours to repair"):
        send()


def test_the_signature_is_that_of_the_providers_own_example() -> None:
    # From the provider's page on request validation.
    fields = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675310",
        "Digits": "1234",
        "From": "+14158675310",
        "To": "+18005551212",
    }
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert signature(url, fields.items(), "12345") == "GvWf1cFY/Q7PnoempGyD5oXAezc="
