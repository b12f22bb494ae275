"""Shifts, swaps, changes of the on-call week and hand-over notes. In a gap all nurses are told."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from patients.models import Clinic, Staff
from patients.models.fields import moments

# An exclusion over ranges needs no database extension, so a person becomes a range of one id.
ONE_PERSON = Func(F("staff"), F("staff"), Value("[]"), function="int8range")
TIME = Func(F("starts_at"), F("ends_at"), RangeBoundary(), function="TSTZRANGE", output_field=DateTimeRangeField())


class OnCallShift(models.Model):
    """One person on call from starts_at until (not including) ends_at.

    An override (replaces) is a colleague's shift that takes the place of another shift in its own span.
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="shifts")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="shifts")
    role = models.CharField(max_length=12, choices=Staff.Role, default=Staff.Role.NURSE)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    # When the replaced shift is deleted, this one stays as an ordinary shift.
    replaces = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="overrides"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="a_shift_ends_after_it_starts"),
            moments("a_shift_is_in_years_of_care", "starts_at", "ends_at"),
            ExclusionConstraint(
                name="nobody_has_two_shifts_at_once",
                expressions=[(ONE_PERSON, RangeOperators.OVERLAPS), (TIME, RangeOperators.OVERLAPS)],
            ),
        ]
        indexes = [
            # who is on call at this moment
            models.Index(fields=["clinic", "role", "ends_at"], name="shifts_now"),
        ]

    def __str__(self) -> str:
        return f"{self.staff_id} from {self.starts_at:%Y-%m-%d %H:%M}"


class OnCallChange(models.Model):
    """One change of the on-call week: who, when, what. Rows are only ever added."""

    class What(models.TextChoices):
        ADDED = "added", "added a shift"
        CHANGED = "changed", "changed a shift"
        REMOVED = "removed", "removed a shift"
        TOOK_PART = "took_part", "put somebody in for a part of a shift"
        SWAPPED = "swapped", "took over a shift that was offered"

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="oncall_changes")
    at = models.DateTimeField()
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    what = models.CharField(max_length=10, choices=What)
    # The names at that time: who is on call, for whom, from, to (ISO), how many weeks.
    detail = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["clinic", "-at"], name="changes_of_the_oncall_week")]

    def __str__(self) -> str:
        return f"{self.what} by {self.staff_id}"


class ShiftSwap(models.Model):
    """An offer of one's own shift to a colleague. Nothing changes until the colleague accepts."""

    class State(models.TextChoices):
        OFFERED = "offered", "Offered"
        ACCEPTED = "accepted", "Accepted"
        DECLINED = "declined", "Declined"
        WITHDRAWN = "withdrawn", "Taken back"

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="swaps")
    shift = models.ForeignKey(OnCallShift, on_delete=models.SET_NULL, null=True, related_name="swaps")
    from_staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    to_staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    # The times of the shift when it was offered; the offer lapses when the shift has changed since.
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.OFFERED)
    offered_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["shift"], condition=Q(state="offered"), name="a_shift_is_offered_once_at_a_time"
            ),
            models.CheckConstraint(condition=~Q(from_staff=F("to_staff")), name="a_swap_is_between_two_people"),
            models.CheckConstraint(
                condition=Q(state="offered", answered_at__isnull=True)
                | (~Q(state="offered") & Q(answered_at__isnull=False)),
                name="an_answered_offer_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_staff_id} to {self.to_staff_id}: {self.state}"


class HandOverNote(models.Model):
    """A note to the next colleague at the end of a shift."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="hand_over_notes")
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    to = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    text = models.CharField(max_length=2000)
    # The number of alerts handed over with it.
    alerts = models.PositiveSmallIntegerField(default=0)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(by=F("to")), name="a_hand_over_note_is_for_somebody_else"),
            models.CheckConstraint(condition=~Q(text="") | Q(alerts__gt=0), name="a_hand_over_says_something"),
        ]
        indexes = [
            models.Index(fields=["to"], condition=Q(read_at__isnull=True), name="hand_over_notes_unread"),
        ]

    def __str__(self) -> str:
        return f"note of {self.by_id} to {self.to_id}"
