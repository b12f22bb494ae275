"""The patient, with the status by which the worklist is sorted."""

import uuid
from datetime import date
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, GeneratedField, Q, TextField, Value
from django.db.models.functions import Coalesce
from django.utils.timezone import now as utc_now

from patients.models.clinic import Clinic
from patients.models.fields import (
    days,
    moments,
    number_field,
    places,
    validate_birth_year,
    validate_care_year,
    validate_timezone,
)
from patients.models.folded import Folded
from patients.models.staff import User
from patients.values.bounds import BIRTH, place_of
from patients.values.note_ways import MOST_HOURS, NOTE_HOURS, NOTE_WAYS

# Rank of a patient about whom nothing is known yet: after all who need staff.
RANK_REST = 90
# Rank in the hospital when no alert waits: before the watch items, so that no patient is forgotten there.
RANK_HOSPITAL = 55
# Rank when a call-back was promised and no alert waits.
RANK_CALL_BACK = 57


class Patient(models.Model):
    """A person in recovery. Views reach patients only through patients.scoping, never by a manager."""

    class Language(models.TextChoices):
        ENGLISH = "en", "English"

    class ShortLogs(models.TextChoices):
        """How the clinic asks a patient who does not use the app; the answer is one key (DF-48)."""

        SMS = "sms", "Text messages, answered with 1, 2 or 3"
        CALL = "call", "Automatic calls, answered by pressing keys"

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="patients")
    user = models.OneToOneField(User, on_delete=models.PROTECT, null=True, blank=True, related_name="patient")
    mrn = models.CharField("record number", max_length=40, blank=True, null=True)  # noqa: DJ001 (unique when given)
    first_name = models.CharField(max_length=80)
    last_name = models.CharField(max_length=80, blank=True)
    birth_date = models.DateField(validators=[validate_birth_year])
    phone = number_field(blank=True)
    email = models.EmailField(blank=True)
    # When the patient last confirmed the phone number (in words or by a code), and when they said it is wrong.
    phone_confirmed_at = models.DateTimeField(null=True, blank=True)
    phone_wrong_at = models.DateTimeField(null=True, blank=True)
    timezone = models.CharField(max_length=64, default="America/New_York", validators=[validate_timezone])
    # No longer read: the language is that of the person (User.language). The next release removes it.
    language = models.CharField(max_length=8, choices=Language, default=Language.ENGLISH)
    temp_unit = models.CharField(max_length=1, choices=[("F", "°F"), ("C", "°C")], default="F")
    # The clinic's opt-in to short logs for this patient; empty: the patient logs in the app.
    short_logs = models.CharField(max_length=4, choices=ShortLogs, blank=True, default="", db_default="")
    # How the patient wants notes; empty: the best way that works (patients.selectors.reach).
    note_ways = ArrayField(models.CharField(max_length=5), default=list, blank=True, db_default=[])
    # Full hours, by the patient's clocks, at which to ask for a log; empty: as the plan says.
    log_hours = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True, db_default=[])
    # The secret in the printed card's QR code; a new card makes the old one useless.
    card_token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    enrolled_at = models.DateTimeField(auto_now_add=True)
    # The day for which a procedure is planned that is still to come; null once its end was entered. No clock runs.
    planned_on = models.DateField(null=True, blank=True, validators=[validate_care_year])

    # Each is updated in the transaction that changes it, so that the worklist needs only one index scan.
    nurse_priority = models.CharField(max_length=2, blank=True, default="")
    work_rank = models.PositiveSmallIntegerField(default=RANK_REST)
    waiting_since = models.DateTimeField(default=utc_now)
    last_log_at = models.DateTimeField(null=True, blank=True)
    last_log_tier = models.CharField(max_length=16, blank=True, default="")
    # The roster's search uses this: last name, first name and record number, folded by the database.
    search_text = GeneratedField(
        expression=Func(
            Folded(F("last_name")),
            Folded(F("first_name")),
            Folded(Coalesce(F("mrn"), Value(""))),
            template="(%(expressions)s)",
            arg_joiner=" || ' ' || ",
        ),
        output_field=TextField(),
        db_persist=True,
    )
    # When the sweep next checks the plan, its notes and silence; null once the recovery is closed.
    plan_due_at = models.DateTimeField(null=True, blank=True, default=utc_now)

    all_clinics: ClassVar[models.Manager["Patient"]] = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinic", "mrn"], name="record_number_once_per_clinic"),
            models.CheckConstraint(condition=~Q(first_name=""), name="a_patient_has_a_name"),
            models.CheckConstraint(
                condition=~Q(phone="") | ~Q(email=""), name="a_patient_can_be_reached_by_phone_or_email"
            ),
            models.CheckConstraint(
                condition=Q(short_logs="") | (Q(short_logs__in=["sms", "call"]) & ~Q(phone="")),
                name="short_logs_go_to_a_phone",
            ),
            models.CheckConstraint(
                condition=Q(
                    note_ways__contained_by=list(NOTE_WAYS),
                    log_hours__contained_by=list(NOTE_HOURS),
                    log_hours__len__lte=MOST_HOURS,
                ),
                name="a_patients_notes_come_by_known_ways_and_by_day",
            ),
            models.CheckConstraint(condition=~Q(mrn=""), name="a_record_number_is_never_empty"),
            places("a_patient_is_in_a_zone_of_a_place"),
            days("a_planned_day_is_in_years_of_care", "planned_on"),
            days("a_birth_date_is_in_years_people_live", "birth_date", years=BIRTH),
            moments(
                "times_of_a_patient_are_in_years_of_care",
                "phone_confirmed_at",
                "phone_wrong_at",
                "waiting_since",
                "last_log_at",
                "plan_due_at",
            ),
        ]
        indexes = [
            # the worklist: one clinic, most urgent first, then longest waiting
            models.Index(fields=["clinic", "work_rank", "waiting_since", "id"], name="worklist_order"),
            # the roster and its search by name
            models.Index(fields=["clinic", "last_name", "first_name", "id"], name="roster_by_name"),
            # search by date of birth, and who may be enrolled twice
            models.Index(fields=["clinic", "birth_date"], name="patients_by_birth_date"),
            # finds the patient from whose phone a text came
            models.Index(fields=["phone"], condition=~Q(phone=""), name="patients_by_phone"),
            # the plan sweep: patients whose plan must be checked
            models.Index(fields=["plan_due_at"], condition=Q(plan_due_at__isnull=False), name="plans_due"),
        ]

    def __str__(self) -> str:
        return str(self.code)

    @property
    def name(self) -> str:
        """First and last name, as the person gave them."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def short_name(self) -> str:
        """First name and an initial, such as Harold T., for a phone that others see too."""
        return f"{self.first_name} {self.last_name[:1]}.".removesuffix(" .")

    @property
    def place(self) -> str:
        """The place by whose clocks they live now."""
        return place_of(self.timezone)

    def age_on(self, day: date) -> int:
        """Return the age in whole years on a given day."""
        before_birthday = (day.month, day.day) < (self.birth_date.month, self.birth_date.day)
        return day.year - self.birth_date.year - before_birthday
