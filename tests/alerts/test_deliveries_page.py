"""What was sent and what never arrived, for the managers of the clinic it belongs to."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from alerts import lifecycle
from alerts.lifecycle.escalation import advance_due
from alerts.messaging import receipts
from alerts.messaging.channels import CHANNELS, PermanentFailure
from alerts.models import Alert, Delivery, DeliveryAction
from alerts.monitoring.sweep import sweep
from patients.models import ContactMethod, Staff
from tests.alerts.steps import CHEST, fresh, raise_for
from tests.alerts.test_outbox import Refusing
from tests.database import FOR_WHOM
from tests.patients.pages import signed_in, text
from tests.people import Cast, make_mobile, make_staff

PAGE = "/desk/deliveries/"
KEYS = '{"endpoint": "https://push.example/x", "p256dh": "x", "auth": "y"}'


@pytest.fixture
def dead(people: Cast, monkeypatch: Any) -> Delivery:
    """A page to the nurse that could never arrive, of an alert that is still open."""
    make_mobile(people.nurse, "+13125550111")
    monkeypatch.setitem(CHANNELS, "sms", Refusing(PermanentFailure("not a mobile number (21614)")))
    now = timezone.now()
    raise_for(people.patient, CHEST, now=now)
    advance_due(now)
    sweep()
    monkeypatch.undo()
    return Delivery.objects.filter(channel="sms", state="dead").earliest("pk")


def page(who: Staff, query: str = "") -> str:
    return text(signed_in(who).get(PAGE + query))


def test_what_never_arrived_comes_first_with_the_reason_in_plain_words(people: Cast, dead: Delivery) -> None:
    shown = page(people.manager)
    first = shown[shown.index("Never arrived") : shown.index("All messages")]
    assert "This number is not a mobile." in first
    assert "Nora Staff" in first
    assert f"/desk/alerts/{dead.alert.code}/" in first  # type: ignore[union-attr]
    for secret in ("3125550111", "+1312", people.nurse.user.email, "Rosa", "Recovers"):
        assert secret not in shown


@pytest.mark.slow
def test_a_manager_tries_again_under_the_same_key_and_it_is_kept_who_did(people: Cast, dead: Delivery) -> None:
    answer = signed_in(people.manager).post(f"{PAGE}{dead.pk}/retry/", follow=True)
    assert "on its way again" in text(answer)
    again = Delivery.objects.get(pk=dead.pk)
    assert (again.key, again.state) == (dead.key, "pending")
    assert again.send_by > timezone.now() + timedelta(minutes=29)
    assert DeliveryAction.objects.get().staff == people.manager
    assert "Tried again by Mara Staff" in page(people.manager)
    # twice is once
    assert "was not given up" in text(signed_in(people.manager).post(f"{PAGE}{dead.pk}/retry/", follow=True))


@pytest.mark.slow
def test_what_a_provider_took_and_could_not_deliver_is_tried_again_as_a_new_message(
    people: Cast, dead: Delivery
) -> None:
    """By the same key the provider would know it, and send nothing."""
    Delivery.objects.filter(pk=dead.pk).update(provider_id="SM1")
    answer = signed_in(people.manager).post(f"{PAGE}{dead.pk}/retry/", follow=True)
    assert "on its way again" in text(answer)
    old, new = Delivery.objects.get(pk=dead.pk), Delivery.objects.get(key=f"{dead.key}:again:1")
    assert (old.state, new.state, new.recipient, new.provider_id) == ("cancelled", "pending", dead.recipient, "")
    assert new.context == dead.context
    assert DeliveryAction.objects.get().delivery == new
    # a late word about the first one does not end the second
    receipts.record_receipt(channel="sms", provider_id="SM1", state="dead", now=timezone.now(), key=dead.key)
    assert Delivery.objects.get(pk=new.pk).state == "pending"
    assert "Tried again by Mara Staff" in page(people.manager)
    # and when that fails too
    Delivery.objects.filter(pk=new.pk).update(state="dead", provider_id="SM2")
    signed_in(people.manager).post(f"{PAGE}{new.pk}/retry/")
    assert Delivery.objects.get(key=f"{dead.key}:again:2").state == "pending"


def test_an_answered_alert_needs_no_second_try(people: Cast, dead: Delivery) -> None:
    alert = Alert.objects.get()
    lifecycle.acknowledge(alert_code=alert.code, staff=people.nurse, now=timezone.now())
    assert "no longer needed" in page(people.manager)
    answer = signed_in(people.manager).post(f"{PAGE}{dead.pk}/retry/", follow=True)
    assert "no longer needed" in text(answer)
    assert fresh(alert).state == "acked"
    assert Delivery.objects.get(pk=dead.pk).state == "dead"


def test_nobody_has_been_in_touch_is_not_told_again_after_a_contact(people: Cast, dead: Delivery) -> None:
    alert, now = Alert.objects.get(), timezone.now()
    Delivery.objects.filter(pk=dead.pk).update(message="helper_unanswered", recipient="caregiver:1")
    assert "Try again" in page(people.manager)
    lifecycle.record_contact(
        alert=alert, staff=people.nurse, level="contacted", note="", call_back_by=None, now=now
    )
    answer = signed_in(people.manager).post(f"{PAGE}{dead.pk}/retry/", follow=True)
    assert "no longer needed" in text(answer)
    assert "on its way again" not in text(answer)


def test_whoever_gave_it_on_is_not_told_again_that_they_have_it(people: Cast, dead: Delivery) -> None:
    alert, now = Alert.objects.get(), timezone.now()
    lifecycle.acknowledge(alert_code=alert.code, staff=people.nurse, now=now)
    Delivery.objects.filter(pk=dead.pk).update(message="staff_handover", recipient=f"staff:{people.nurse.pk}")
    assert "Try again" in page(people.manager)
    lifecycle.hand_over(alert=alert, to_staff=people.nurse2, staff=people.nurse, note="", now=now)
    assert "Try again" not in page(people.manager)


@pytest.mark.slow
def test_another_clinics_messages_do_not_exist(people: Cast, dead: Delivery) -> None:
    stranger = make_staff(people.other_clinic, Staff.Role.MANAGER)
    assert "Nora" not in page(stranger)
    assert "No message here" in page(stranger)
    for button in ("retry", "replay"):
        assert signed_in(stranger).post(f"{PAGE}{dead.pk}/{button}/").status_code == 404
        assert signed_in(people.nurse).post(f"{PAGE}{dead.pk}/{button}/").status_code == 404
    assert Delivery.objects.get(pk=dead.pk).state == "dead"


def test_every_kind_of_message_knows_its_clinic(people: Cast, dead: Delivery) -> None:
    signed_in(people.nurse).post("/desk/me/contacts/", {"action": "test", "kind": "email"})
    assert not Delivery.objects.filter(clinic__isnull=True).exists()
    assert set(Delivery.objects.values_list("clinic", flat=True)) == {people.clinic.pk}


@pytest.mark.usefixtures("nothing_runs_out")
def test_filters_and_pages_keep_their_place(people: Cast, now: datetime) -> None:
    times = {"created_at": now, "due_at": now, "send_by": now + timedelta(hours=1)}
    common = {"clinic": people.clinic, "recipient": f"staff:{people.nurse.pk}", "message": "contact_test", **times}
    Delivery.objects.bulk_create(Delivery(key=f"k{n}", channel="email", **common) for n in range(120))
    Delivery.objects.create(key="sms", channel="sms", state="sent", **common)
    client, seen, query = signed_in(people.manager), [], "?channel=email"
    while query:
        shown = client.get(PAGE + query).context
        seen += [item["line"].row.pk for item in shown["lines"]]
        query = f"?{shown['next']}" if shown["next"] else ""
    assert len(seen) == len(set(seen)) == 120
    assert seen == sorted(seen, reverse=True)
    assert page(people.manager, "?state=sent").count('<li class="delivery') == 1
    with CaptureQueriesContext(connection) as asked:
        client.get(PAGE)
    assert len(asked) <= 12 + FOR_WHOM


@pytest.mark.parametrize(
    "query", ["?state=lost", "?channel=fax", "?before=x", "?before=" + "9" * 30, "?before=-1"]
)
def test_a_filter_that_is_none_of_ours_is_not_found(people: Cast, query: str) -> None:
    assert signed_in(people.manager).get(PAGE + query).status_code == 404


def test_after_a_button_the_same_choice_is_shown(people: Cast, dead: Delivery) -> None:
    chosen = "?state=dead&channel=sms"
    shown = page(people.manager, chosen)
    address = f"{PAGE}{dead.pk}/retry/{chosen}"
    assert address.replace("&", "&amp;") in shown
    client = signed_in(people.manager)
    assert client.post(address)["Location"] == PAGE + chosen
    assert client.post(f"{PAGE}{dead.pk}/retry/?state=x&channel=//evil.example")["Location"] == PAGE


def test_a_device_of_somebody_elses_clinic_is_not_named(people: Cast, dead: Delivery) -> None:
    device = ContactMethod.objects.create(
        user=people.other_nurse.user,
        kind="push",
        address="https://push.example/x",
        label="Otto’s own browser",
        subscription=KEYS,
    )
    mine = ContactMethod.objects.create(
        user=people.nurse.user,
        kind="push",
        address="https://push.example/y",
        label="The ward’s browser",
        subscription=KEYS,
    )
    for n, (staff, one) in enumerate([(people.nurse, device), (people.nurse, mine)]):
        Delivery.objects.create(
            key=f"device:{n}",
            channel="push",
            recipient=f"staff:{staff.pk}:{one.pk}",
            message="staff_alert",
            clinic=people.clinic,
            alert=dead.alert,
            created_at=timezone.now(),
            due_at=timezone.now(),
            send_by=timezone.now() + timedelta(hours=1),
        )
    shown = page(people.manager)
    assert "The ward’s browser" in shown
    assert "Otto" not in shown
