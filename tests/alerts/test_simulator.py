"""The simulated provider: what it promises to whoever tests with it."""

import json
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from simulator.faults import Dice, Faults
from tests.simulator import ACCOUNT, TOKEN, Simulator, running_simulator

SMS = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"


def post(simulator: Simulator, path: str, body: bytes, **headers: str) -> int:
    """Post something; the status."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(simulator.url + path, body, named)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_webhooks_and_pushes_are_kept_with_their_headers(simulator: Simulator) -> None:
    assert post(simulator, "/webhook/nurse", b'{"please": "open"}', webhook_id="d:1") == 200
    assert post(simulator, "/push/abc", b"\x00\xff", Topic="t1", TTL="60") == 201
    (hook,), (push,) = simulator.lines("webhook"), simulator.lines("push")
    assert (hook["to"], hook["key"], hook["body"]) == ("/webhook/nurse", "d:1", '{"please": "open"}')
    assert (push["key"], push["headers"]["ttl"], push["body_base64"]) == ("t1", "60", "AP8=")


def test_a_stranger_is_refused_and_nothing_is_kept(simulator: Simulator) -> None:
    assert post(simulator, SMS, b"To=%2B13125550111&From=%2B1&Body=x") == 401
    assert simulator.lines() == []


def test_a_fault_may_be_for_one_channel_alone(simulator: Simulator) -> None:
    simulator.behave(error_rate=1.0, only="/webhook")
    assert post(simulator, "/webhook/x", b"1") == 500
    assert post(simulator, "/push/x", b"1") == 201
    assert [line["fault"] for line in simulator.lines("fault")] == ["error"]


def test_a_setting_that_does_not_exist_is_refused_and_changes_nothing(simulator: Simulator) -> None:
    for wrong in ({"eror_rate": 1.0}, {"error_rate": "often"}, {"hang_rate": 1.0, "receipts": 3}):
        with pytest.raises(urllib.error.HTTPError):
            simulator.behave(**wrong)
    assert simulator.ask("PUT", "/control", {}) == Faults().as_json()


def test_a_ledger_is_carried_on_after_a_restart(tmp_path: Path) -> None:
    with running_simulator(tmp_path) as first:
        post(first, "/webhook/x", b"1", Idempotency_Key="k")
    with (tmp_path / "ledger.jsonl").open("a") as ledger:
        ledger.write('{"kind": "webh')  # what a crash leaves behind
    with running_simulator(tmp_path) as second:
        post(second, "/webhook/x", b"1", Idempotency_Key="k")
        text = urllib.request.urlopen(f"{second.url}/ledger", timeout=10).read().decode()
    lines = [json.loads(line) for line in text.splitlines()]
    assert [line["repeat"] for line in lines] == [False, True]
    assert len({line["id"] for line in lines}) == 1


def test_the_same_seed_makes_the_same_choices() -> None:
    faults = Faults(error_rate=0.3, busy_rate=0.3)
    runs = [[dice.what_happens(faults, SMS) for _ in range(200)] for dice in (Dice(7), Dice(7), Dice(8))]
    assert runs[0] == runs[1] != runs[2]
    assert {"", "error", "busy"} == set(runs[0])


def test_its_secret_is_never_in_the_ledger(simulator: Simulator) -> None:
    post(simulator, "/webhook/x", b"1")
    assert TOKEN not in simulator.path.read_text()
