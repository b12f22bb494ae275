"""Row first, call second, result third."""

import smtplib
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail

from alerts import lifecycle
from alerts.lifecycle.escalation import advance_due
from alerts.messaging import outbox, receipts
from alerts.messaging.channels import CHANNELS, OurFault, PermanentFailure, Sent, TemporaryFailure
from alerts.messaging.channels.email import Email, message_id_for
from alerts.messaging.dispatch import send_claimed
from alerts.models import Delivery
from alerts.monitoring.sweep import sweep
from patients.models import Consent
from tests.alerts.steps import CHEST, NUMB, TIRED, fresh, minutes, raise_for, told, what_happened
from tests.people import Cast, make_mobile, make_patient


class Refusing:
    """A provider that always answers with the same failure."""

    def __init__(self, failure: Exception) -> None:
        self.failure = failure

    def send(self, address: str, subject: str, body: str, key: str) -> Sent:
        """Refuse."""
        raise self.failure

    def refuse(self, *args: Any) -> int:
        """Refuse whatever is asked."""
        raise self.failure


def note(people: Cast, now: datetime, key: str = "note:1", **fields: Any) -> Delivery:
    """A note to the patient."""
    known: dict[str, Any] = {
        "channel": "email",
        "recipient": f"patient:{people.patient.pk}",
        "message": "patient_reminder",
        "send_by": now + timedelta(hours=12),
    }
    return outbox.enqueue(key=key, now=now, **{**known, **fields})


def row(key: str = "note:1") -> Delivery:
    """As the database has it."""
    return Delivery.objects.get(key=key)


def test_the_same_intent_twice_is_one_message(people: Cast, now: datetime) -> None:
    assert note(people, now).pk == note(people, now).pk
    sweep(now)
    sweep(now)
    assert len(mail.outbox) == 1


def test_a_sent_message_is_marked_with_its_providers_id(people: Cast, now: datetime) -> None:
    note(people, now)
    sweep(now)
    assert (row().state, row().sent_at, row().attempts) == ("sent", now, 1)
    assert row().provider_id == mail.outbox[0].extra_headers["Message-ID"] == message_id_for("note:1")


def test_nothing_is_sent_before_it_is_due(people: Cast, now: datetime) -> None:
    note(people, now, due_at=now + minutes(5))
    sweep(now)
    assert mail.outbox == []
    sweep(now + minutes(5))
    assert len(mail.outbox) == 1


def test_a_withdrawn_consent_is_asked_for_at_the_moment_of_sending(people: Cast, now: datetime) -> None:
    note(people, now)
    Consent.objects.filter(patient=people.patient, purpose="messages").update(
        withdrawn_at=now + timedelta(days=999)
    )
    sweep(now)
    assert mail.outbox == []
    assert (row().state, row().error) == ("cancelled", "consent withdrawn")


def test_a_passing_failure_is_tried_again_later_and_later(people: Cast, now: datetime, monkeypatch) -> None:
    note(people, now)
    monkeypatch.setitem(CHANNELS, "email", Refusing(TemporaryFailure("busy")))
    sweep(now)
    assert (row().state, row().due_at, row().error) == ("pending", now + timedelta(seconds=1), "busy")
    sweep(now + timedelta(seconds=1))
    assert row().due_at == now + timedelta(seconds=3)
    monkeypatch.undo()
    sweep(now + timedelta(seconds=3))
    assert (row().state, row().attempts, row().error) == ("sent", 3, "")


def test_waits_between_tries_are_bounded() -> None:
    assert [outbox.backoff_seconds(n, 0) for n in (1, 2, 3, 4, 5, 60)] == [1, 2, 4, 8, 16, 30]
    assert outbox.backoff_seconds(60, 2) == outbox.backoff_seconds(60, 9) == 300


def test_a_message_is_given_up_at_its_last_moment(people: Cast, now: datetime, monkeypatch) -> None:
    note(people, now, send_by=now + timedelta(seconds=1))
    monkeypatch.setitem(CHANNELS, "email", Refusing(TemporaryFailure("busy")))
    sweep(now)
    assert (row().state, row().error) == ("dead", "busy")
    note(people, now, key="note:2", send_by=now + minutes(1))
    sweep(now + minutes(1))
    assert (row("note:2").state, row("note:2").error) == ("dead", "too late")


def test_a_provider_that_breaks_in_its_own_way_counts_as_passing(people: Cast, now: datetime, monkeypatch) -> None:
    note(people, now)
    monkeypatch.setitem(CHANNELS, "email", Refusing(ZeroDivisionError("secret")))
    sweep(now)
    assert (row().state, row().error) == ("pending", "ZeroDivisionError")


def test_a_poisoned_row_does_not_hold_up_its_neighbours(people: Cast, now: datetime) -> None:
    note(people, now, key="a", channel="pigeon")
    note(people, now, key="b", message="no_such_message")
    note(people, now, key="c", recipient="nobody")
    note(people, now)
    sweep(now)
    assert [row(key).state for key in "abc"] == ["cancelled", "dead", "cancelled"]
    assert len(mail.outbox) == 1


def test_a_page_that_can_never_arrive_brings_the_next_step_forward(
    people: Cast, now: datetime, monkeypatch
) -> None:
    monkeypatch.setitem(CHANNELS, "email", Refusing(PermanentFailure("no such box")))
    alert = raise_for(people.patient, CHEST, now=now)
    counts = sweep(now)
    assert "delivery_dead" in what_happened(alert)
    assert counts["advanced"] == 4
    assert f"staff:{people.physician.pk}" in told(alert)
    # the plan has been through once: from here it keeps its pace
    assert fresh(alert).next_step_at == now + minutes(5)
    assert sweep(now)["advanced"] == 0


def test_two_dead_pages_of_one_step_bring_one_step_forward(people: Cast, now: datetime) -> None:
    alert = raise_for(people.patient, CHEST, now=now)
    advance_due(now)
    rows = [delivery for delivery in outbox.claim_due(now, 50) if delivery.channel == "email"]
    assert len(rows) == 2
    outbox._give_up(rows[0], "gone", now)
    advance_due(now)
    outbox._give_up(rows[1], "gone", now)
    assert (fresh(alert).step, fresh(alert).next_step_at) == (2, now + minutes(3))


def test_a_taken_alert_sends_nothing_more(people: Cast, now: datetime) -> None:
    alert = raise_for(people.patient, CHEST, now=now)
    advance_due(now)
    claimed = outbox.claim_due(now, 50)
    lifecycle.acknowledge(alert_code=alert.code, staff=people.nurse, now=now)
    for delivery in claimed:
        delivery.refresh_from_db()
    assert set(send_claimed(claimed, now)) == {"cancelled"}
    assert mail.outbox == []


def test_a_note_that_nobody_was_in_touch_is_not_tried_again_once_somebody_was(
    people: Cast, now: datetime, monkeypatch: Any
) -> None:
    alert = raise_for(people.patient, CHEST, now=now)
    to = [(f"caregiver:{people.helper.pk}", "email")]
    lifecycle.write_helper_notes(alert, now=now, at_once=[], unanswered=to, minutes=10)
    (claimed,) = outbox.claim_due(now + minutes(10))
    spoke = {"level": "contacted", "note": "", "call_back_by": None, "now": now + minutes(10)}
    lifecycle.record_contact(alert=alert, staff=people.nurse, **spoke)
    outbox.record(claimed, TemporaryFailure("busy"), now + minutes(10))
    sweep(now + minutes(11))
    assert row(claimed.key).state == "cancelled"
    assert mail.outbox == []


def test_a_hand_over_reaches_the_colleague(people: Cast, now: datetime) -> None:
    alert = raise_for(people.patient, CHEST, now=now)
    lifecycle.acknowledge(alert_code=alert.code, staff=people.nurse, now=now)
    lifecycle.hand_over(alert=alert, staff=people.nurse, to_staff=people.nurse2, note="", now=now)
    sweep(now)
    assert [message.to for message in mail.outbox] == [[people.nurse2.user.email]]


def test_whoever_has_a_mobile_is_also_told_by_text(people: Cast, now: datetime) -> None:
    make_mobile(people.nurse2, "+13125550112")
    alert = raise_for(people.patient, CHEST, now=now)
    advance_due(now)
    assert told(alert, "sms") == [f"staff:{people.nurse2.pk}"]
    lifecycle.acknowledge(alert_code=alert.code, staff=people.nurse, now=now)
    for colleague, count in ((people.nurse2, 1), (people.physician, 0)):
        lifecycle.hand_over(alert=alert, staff=people.nurse, to_staff=colleague, note="", now=now)
        rows = Delivery.objects.filter(message="staff_handover", channel="sms")
        assert rows.filter(recipient=f"staff:{colleague.pk}").count() == count


def test_the_most_urgent_goes_first(people: Cast, now: datetime) -> None:
    note(people, now - minutes(60))
    raise_for(people.patient, CHEST, now=now)
    advance_due(now)
    assert [delivery.urgency for delivery in outbox.claim_due(now, 1)] == [0]


def test_somebody_knows_of_each_alert_before_anybody_has_a_second_message(people: Cast, now: datetime) -> None:
    """With two hundred alerts at once the last was heard of after a minute, behind the copies of all others."""
    make_mobile(people.nurse, "+13125550111")
    patients = [people.patient, *(make_patient(people.clinic) for _ in range(4))]
    for second, patient in enumerate(patients):
        raise_for(patient, CHEST, now=now + timedelta(seconds=second))
        advance_due(now + timedelta(seconds=second))
    late = now + timedelta(seconds=9)
    assert Delivery.objects.filter(state="pending").count() > 2 * len(patients)
    first = outbox.claim_due(late, len(patients))
    assert [row.alert.patient_id for row in first if row.alert] == [patient.pk for patient in patients]
    next_ones = outbox.claim_due(late, len(patients))
    assert len({row.alert_id for row in next_ones}) == len(patients)


def test_911_goes_first_and_its_copies_after_the_first_word_of_another_alert(people: Cast, now: datetime) -> None:
    """A doctor who was to be called now was first told after a minute, when a hundred 911 alerts were all sent."""
    make_mobile(people.nurse, "+13125550111")
    numb = raise_for(make_patient(people.clinic), NUMB, now=now)
    chest = raise_for(people.patient, CHEST, now=now)
    note(people, now)
    advance_due(now)
    assert [row.alert_id for row in outbox.claim_due(now, 3)] == [chest.pk, numb.pk, chest.pk]
    while rows := outbox.claim_due(now, 3):
        assert all(row.alert_id for row in rows) or Delivery.objects.filter(state="pending").count() == 0


def test_an_alert_to_watch_does_not_wait_behind_the_notes_of_a_morning(people: Cast, now: datetime) -> None:
    raise_for(people.patient, TIRED, now=now)
    advance_due(now)
    assert {row.behind for row in Delivery.objects.all()} == {0}


def test_a_late_process_can_not_overwrite_the_result_of_another(people: Cast, now: datetime) -> None:
    note(people, now)
    (slow,) = outbox.claim_due(now)
    assert outbox.claim_due(now) == []
    later = now + timedelta(seconds=13)
    assert outbox.reclaim_stuck(now + timedelta(seconds=11)) == 0
    assert outbox.reclaim_stuck(later) == 1
    (other,) = outbox.claim_due(later)
    assert send_claimed([other], later) == ["sent"]
    assert outbox._mark(slow, "dead", error="I was slow") == "lost"
    assert row().state == "sent"


def test_a_receipt_says_what_became_of_it(people: Cast, now: datetime) -> None:
    note(people, now)
    sweep(now)
    seen: dict[str, Any] = {"channel": "email", "provider_id": row().provider_id, "now": now}
    assert receipts.record_receipt(**seen, state="delivered")
    assert row().state == "delivered"
    assert not receipts.record_receipt(**seen, state="dead")
    assert not receipts.record_receipt(channel="email", provider_id="", state="delivered", now=now)


def test_a_bounced_page_brings_the_next_step_forward(people: Cast, now: datetime) -> None:
    alert = raise_for(people.patient, CHEST, now=now)
    sweep(now)
    page = Delivery.objects.filter(alert=alert, channel="email").first()
    assert page
    at = now + minutes(1)
    receipts.record_receipt(channel="email", provider_id=page.provider_id, state="dead", now=at, error="bounced")
    assert fresh(alert).next_step_at == at


def refused(code: int, text: str) -> smtplib.SMTPRecipientsRefused:
    return smtplib.SMTPRecipientsRefused({"a@b.example": (code, text.encode())})


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (smtplib.SMTPRecipientsRefused({"a@b.example": (550, b"no")}), PermanentFailure),
        (smtplib.SMTPRecipientsRefused({"a@b.example": (450, b"later")}), TemporaryFailure),
        (smtplib.SMTPDataError(554, b"no"), OurFault),
        (smtplib.SMTPAuthenticationError(535, b"who"), OurFault),
        (smtplib.SMTPServerDisconnected("gone"), TemporaryFailure),
        (TimeoutError(), TemporaryFailure),
        (refused(550, "5.1.1 <a@b.example>: user unknown"), PermanentFailure),
        (refused(550, "5.7.1 no such user here"), PermanentFailure),
        (refused(552, "5.2.2 mailbox full"), PermanentFailure),
        (refused(550, "5.7.1 Relaying denied"), OurFault),
        (refused(554, "Relay access denied"), OurFault),
        (refused(550, "Blocked, see https://example.org/lookup/192.0.2.1"), OurFault),
        (refused(550, "5.4.5 Daily user sending limit exceeded"), OurFault),
        (refused(452, "4.4.5 daily quota"), OurFault),
        (smtplib.SMTPSenderRefused(550, b"5.7.60 not allowed to send as", "x@y.example"), OurFault),
        (smtplib.SMTPConnectError(554, b"your address is listed"), OurFault),
        (smtplib.SMTPDataError(550, b"5.7.26 DMARC"), OurFault),
        (smtplib.SMTPDataError(421, b"later"), TemporaryFailure),
    ],
)
def test_mail_errors_are_sorted_into_passing_and_for_good(
    error: Exception, kind: type[Exception], monkeypatch
) -> None:
    monkeypatch.setattr("alerts.messaging.channels.email.EmailMessage.send", Refusing(error).refuse)
    with pytest.raises(kind) as caught:
        Email().send("a@b.example", "s", "b", "key")
    assert type(caught.value) is kind
    assert "@" not in str(caught.value)
