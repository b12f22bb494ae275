"""A browser of a member of staff is told, also with its page closed; nobody on the way can read it."""

import json
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from django.utils import timezone

from alerts import lifecycle
from alerts.lifecycle.escalation import advance_due
from alerts.messaging import webpush
from alerts.messaging.channels import safe_http
from alerts.messaging.channels.push import topic_of
from alerts.models import Delivery
from alerts.monitoring.sweep import sweep
from patients.models import ContactMethod, Staff
from tests.alerts.steps import CHEST, fresh, raise_for, told
from tests.alerts.subscriber import Subscriber, unpack
from tests.patients.pages import signed_in, text
from tests.people import Cast
from tests.simulator import Simulator

PAGE = "/desk/me/contacts/"
VAPID = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"


@pytest.fixture
def browser_of(simulator: Simulator, settings: Any) -> Any:
    """Make a browser whose push service is the simulator."""
    settings.OUTBOUND_LOOPBACK, settings.VAPID_PRIVATE_KEY = True, VAPID
    return lambda name="a": Subscriber(f"{simulator.url}/push/{name}")


def press(who: Staff, action: str, **typed: Any) -> str:
    return text(signed_in(who).post(PAGE, {"action": action, **typed}, follow=True))


def test_the_published_example_is_encrypted_as_published() -> None:
    theirs = Subscriber("", "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94", "BTBZMqHH6r4Tts7J_aSIgg")
    body = webpush.encrypt(
        b"When I grow up, I want to be a watermelon",
        theirs.keys["p256dh"],
        theirs.keys["auth"],
        key=webpush.read_private(VAPID),
        salt=unpack("DGv6ra1nlYgDCS1FRnbzlw"),
    )
    assert webpush.pack(body) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK"
        "6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


def test_an_alert_reaches_every_browser_sealed_and_without_a_word_about_health(
    people: Cast, simulator: Simulator, browser_of: Any
) -> None:
    phone, desk = browser_of("phone"), browser_of("desk")
    phone.owned_by(people.nurse)
    desk.owned_by(people.nurse, label="Firefox on Linux")
    now = timezone.now()
    alert = raise_for(people.patient, CHEST, now=now)
    advance_due(now)
    sweep()
    lines = {line["to"]: line for line in simulator.lines("push")}
    assert set(lines) == {"/push/phone", "/push/desk"}
    for reader, path in ((phone, "/push/phone"), (desk, "/push/desk")):
        note = reader.note(lines[path])
        assert set(note) == {"title", "body", "url", "tag"}
        assert note["url"] == f"/desk/alerts/{alert.code}/"
        assert note["body"] == f"Please open ({fresh(alert).ack_code})."
        for word in ("911", "chest", "Rosa", "Recovers", "doctor", "pain"):
            assert word not in json.dumps(note).replace(str(alert.code), "").replace(fresh(alert).ack_code, "")
    head = lines["/push/phone"]["headers"]
    assert (head["urgency"], head["ttl"], head["content-encoding"]) == ("high", "180", "aes128gcm")
    assert head["topic"] == topic_of(f"alert:{alert.pk}:c0:r0:s1")
    assert len(head["topic"]) == 32
    assert set(Delivery.objects.filter(channel="push", alert=alert).values_list("state", flat=True)) == {"sent"}


def test_who_sends_is_signed_for_this_push_service_alone(
    people: Cast, simulator: Simulator, browser_of: Any, settings: Any
) -> None:
    device = browser_of().owned_by(people.nurse)
    press(people.nurse, "device_test", device=device.pk)
    sweep()
    kind, token, key = simulator.lines("push")[0]["headers"]["authorization"].split(" ")
    head, claims, signature = token.removeprefix("t=").rstrip(",").split(".")
    raw = unpack(signature)
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unpack(key.removeprefix("k=")))
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    public.verify(der, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
    said = json.loads(unpack(claims))
    assert (kind, said["aud"], said["sub"]) == ("vapid", simulator.url, settings.VAPID_SUBJECT)
    assert 0 < said["exp"] - timezone.now().timestamp() <= 24 * 3600


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_removed_and_the_next_step_comes_forward(
    people: Cast, browser_of: Any, monkeypatch: Any, status: int
) -> None:
    browser_of().owned_by(people.nurse)
    monkeypatch.setattr(safe_http, "post", lambda place, body, headers: safe_http.Answer(status, 0))
    now = timezone.now()
    alert = raise_for(people.patient, CHEST, now=now)
    advance_due(now)
    assert f"staff:{people.nurse2.pk}" in told(alert)  # nobody is on call: all nurses
    sweep(now + timedelta(seconds=1))
    assert not ContactMethod.objects.filter(kind="push").exists()
    assert Delivery.objects.get(channel="push").state == "dead"
    assert fresh(alert).step == 2  # all nurses were told at once, 3 minutes early


@pytest.mark.parametrize(
    ("status", "state"), [(201, "sent"), (413, "pending"), (400, "pending"), (429, "pending"), (503, "pending")]
)
def test_what_a_push_service_says(
    people: Cast, browser_of: Any, monkeypatch: Any, status: int, state: str
) -> None:
    device = browser_of().owned_by(people.nurse)
    monkeypatch.setattr(safe_http, "post", lambda place, body, headers: safe_http.Answer(status, 0))
    press(people.nurse, "device_test", device=device.pk)
    sweep()
    assert Delivery.objects.get(channel="push").state == state
    device.refresh_from_db()
    assert bool(device.last_used_at) is (state == "sent")
    assert bool(device.last_failed_at) is (state == "dead")


@pytest.mark.slow
def test_a_nurse_adds_tests_and_removes_a_browser(people: Cast, simulator: Simulator, browser_of: Any) -> None:
    browser = browser_of()
    given = {"endpoint": browser.endpoint, "label": "Chrome on Android", **browser.keys}
    assert "Chrome on Android shows your alerts" in press(people.nurse, "device_add", **given)
    press(people.nurse, "device_add", **given)  # the same browser again is the same device
    device = ContactMethod.objects.get(kind="push")
    assert browser.endpoint not in press(people.nurse, "device_test", device=device.pk)
    sweep()
    assert "look at that device" in text(signed_in(people.nurse).get(PAGE))
    assert browser.note(simulator.lines("push")[0])["url"] == PAGE
    # somebody else's device can be neither tested nor removed
    assert "gone already" in press(people.nurse2, "device_remove", device=device.pk)
    assert "is removed" in press(people.nurse, "device_remove", device=device.pk)
    assert not ContactMethod.objects.filter(kind="push").exists()


def test_the_last_way_is_only_removed_by_somebody_who_is_sure(people: Cast, browser_of: Any) -> None:
    device = browser_of().owned_by(people.nurse)
    press(people.nurse, "off", kind="email")
    assert "This is the last way that works" in press(people.nurse, "device_remove", device=device.pk)
    assert "is removed" in press(people.nurse, "device_remove", device=device.pk, sure="1")
    assert Delivery.objects.filter(message="staff_muted", recipient=f"staff:{people.manager.pk}").count() == 1


def test_a_browser_that_a_colleague_used_before_shows_only_the_newer_persons_alerts(
    people: Cast, browser_of: Any
) -> None:
    browser = browser_of()
    browser.owned_by(people.nurse)
    press(people.nurse2, "device_add", endpoint=browser.endpoint, label="x", **browser.keys)
    assert ContactMethod.objects.get(kind="push").user == people.nurse2.user


@pytest.mark.parametrize(
    "wrong",
    [
        {"endpoint": "https://127.0.0.1/x"},
        {"endpoint": "https://10.0.0.1/x"},
        {"endpoint": "http://example.org/x"},
        {"endpoint": "https://example.org/" + "x" * 1000},
        {"p256dh": "AAAA"},
        {"auth": "AAAA"},
        {"auth": "ü"},
        {"p256dh": ""},
    ],
)
def test_what_is_no_browser_is_refused_with_a_sentence(
    people: Cast, browser_of: Any, settings: Any, wrong: dict[str, str]
) -> None:
    browser = browser_of()
    settings.OUTBOUND_LOOPBACK = "endpoint" not in wrong
    given = {"endpoint": browser.endpoint, "label": "Chrome", **browser.keys, **wrong}
    assert "cannot be used" in press(people.nurse, "device_add", **given)
    assert not ContactMethod.objects.exists()


def test_a_suspended_nurses_browser_is_told_nothing(people: Cast, simulator: Simulator, browser_of: Any) -> None:
    browser_of().owned_by(people.nurse)
    now = timezone.now()
    raise_for(people.patient, CHEST, now=now)
    advance_due(now)
    Staff.objects.filter(pk=people.nurse.pk).update(active=False)
    sweep()
    assert simulator.lines("push") == []


def test_a_hand_over_is_pushed_to_the_colleague(people: Cast, simulator: Simulator, browser_of: Any) -> None:
    browser = browser_of()
    browser.owned_by(people.nurse2)
    now = timezone.now()
    alert = raise_for(people.patient, CHEST, now=now)
    lifecycle.acknowledge(alert_code=alert.code, staff=people.nurse, now=now)
    lifecycle.hand_over(alert=fresh(alert), to_staff=people.nurse2, staff=people.nurse, note="", now=now)
    sweep()
    assert browser.note(simulator.lines("push")[0])["url"] == f"/desk/alerts/{alert.code}/"


def test_without_a_key_the_page_says_so_and_the_plan_goes_on(people: Cast, settings: Any) -> None:
    settings.VAPID_PRIVATE_KEY = ""
    assert "cannot send to devices yet" in text(signed_in(people.nurse).get(PAGE))
    assert "Push" not in text(signed_in(people.manager).get("/desk/policy/")).split("Our own")[0].split("<h2")[0]


def test_a_made_key_is_one_that_browsers_take() -> None:
    assert len(unpack(webpush.public_of(webpush.new_private()))) == 65
