"""The outbox: one row per intended message, written before anything is sent."""

from django.db import models
from django.db.models import F, Q

from alerts.models.alert import Alert
from patients.models import Clinic


class Delivery(models.Model):
    """One message to one recipient by one channel. The row is written before the call, the result after it.

    pending -> claimed -> sent -> delivered; claimed -> pending after a temporary error or a lost lease;
    dead after a permanent error or past send_by; cancelled when no longer wanted.
    """

    class State(models.TextChoices):
        PENDING = "pending", "Waiting"
        CLAIMED = "claimed", "Being sent"
        SENT = "sent", "Handed to the provider"
        DELIVERED = "delivered", "Delivered"
        DEAD = "dead", "Given up"
        CANCELLED = "cancelled", "No longer wanted"

    class CallEnd(models.TextChoices):
        """How a call to staff ended, in words that follow the person's name."""

        TAKEN = "taken", "answered, and took it"
        HEARD = "heard", "answered"
        LATE = "late", "answered when somebody had it already"
        PASSED = "passed", "answered, and passed it on"
        VOICEMAIL = "voicemail", "voicemail answered"
        NO_KEY = "no_key", "picked up, no key pressed"
        OFF_DUTY = "off_duty", "no longer on call, so nothing was taken"
        BUSY = "busy", "the line was busy"
        NO_ANSWER = "no_answer", "nobody picked up"
        FAILED = "failed", "the call could not be made"

    # Readable, and always the same for one message: alert:12:c0:r0:s1:staff:5:email, reminder:9:M-DRIVE-48H
    key = models.CharField(max_length=160, unique=True)
    channel = models.CharField(max_length=10)
    # A person or system, not an address: staff:5, patient:9, webhook:2, or one browser of a person, staff:5:12.
    # The address is looked up when the message is sent.
    recipient = models.CharField(max_length=40)
    message = models.CharField(max_length=40)
    # Never health data: a link, a code, a clinic's name.
    context = models.JSONField(default=dict, blank=True)
    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, null=True, blank=True, related_name="deliveries")
    # The clinic whose managers may see it; null for codes that prove an address.
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # 0 is sent first: 911 alerts, then doctor-now, then all else.
    urgency = models.PositiveSmallIntegerField(default=2)
    # How many messages of the same step go first. Under load each alert's first message leaves before the second
    # message of any.
    behind = models.PositiveSmallIntegerField(default=0, db_default=0)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    send_by = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    claim_token = models.UUIDField(null=True, blank=True)
    # The database session of the sending process; it ends when the process dies.
    claimed_by = models.CharField(max_length=60, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    provider_id = models.CharField(max_length=120, blank=True)
    error = models.CharField(max_length=300, blank=True)
    # Only for a call to staff that is over.
    call_end = models.CharField(max_length=10, choices=CallEnd, blank=True, default="", db_default="")

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state="claimed",
                    claim_token__isnull=False,
                    lease_until__isnull=False,
                    claimed_at__isnull=False,
                )
                | (~Q(state="claimed") & Q(claim_token__isnull=True, lease_until__isnull=True)),
                name="claimed_only_under_a_lease",
            ),
            models.UniqueConstraint(
                fields=["channel", "provider_id"],
                condition=~Q(provider_id=""),
                name="one_receipt_per_provider_id",
            ),
            models.CheckConstraint(condition=Q(send_by__gt=F("due_at")), name="send_by_is_after_due"),
            models.CheckConstraint(
                condition=Q(alert__isnull=True) | Q(clinic__isnull=False), name="an_alerts_message_has_its_clinic"
            ),
        ]
        indexes = [
            # claim_due: what is due, urgent ones first, and of these each alert's first message
            models.Index(
                fields=["urgency", "behind", "due_at"], condition=Q(state="pending"), name="deliveries_in_turn"
            ),
            # reclaim_stuck: leases that ran out
            models.Index(fields=["lease_until"], condition=Q(state="claimed"), name="deliveries_leased"),
            # the operator's figures, and receipts that never came: what was written lately
            models.Index(fields=["created_at"], name="deliveries_by_time"),
            # an alert's messages
            models.Index(fields=["alert", "created_at"], name="deliveries_of_an_alert"),
            # the page of deliveries, newest first, and those that were given up
            models.Index(fields=["clinic", "-id"], name="deliveries_of_a_clinic"),
            models.Index(fields=["clinic", "-id"], condition=Q(state="dead"), name="deliveries_given_up"),
        ]

    def __str__(self) -> str:
        return self.key
