"""Make the demo clinic: patients at different days of six weeks, through submit_log and real alerts."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from alerts import lifecycle as alert_services
from alerts.lifecycle.double_press import Press
from alerts.models import OnCallShift
from patients.installation import settle
from patients.models import Caregiver, Clinic, Consent, Patient, Procedure, Staff, User
from patients.services.lead import name_lead
from patients.tiers import URGENT
from recovery.care_plan import refresh
from recovery.journey import actions
from recovery.logs.read import read_log
from recovery.logs.submit import submit_log
from recovery.management import demo
from recovery.management.demo_courses import drawn

# How the record numbers of the demo's people begin.
MRN = "D-"
# Edith, whose daughter helps.
WITH_A_HELPER = 8
SPOKE = "Spoke with the patient. No other signs. Told what to look for and when to call."
SAW = "Seen by Dr. Cole the same day. Plan stays as it is; asked to log again tomorrow."


class Command(BaseCommand):
    """bin/manage seed_demo: makes what the demo clinic lacks, and nothing twice."""

    help = "Seed a lively demo clinic (only where DEMO is on)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add --sign-ins (print who can sign in and how) and --patients (how many the clinic should have)."""
        parser.add_argument("--sign-ins", action="store_true", help="only print the demo sign-ins")
        parser.add_argument("--patients", type=int, default=settings.DEMO_PATIENTS, help="how many people in all")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the demo clinic, or print the sign-ins."""
        if not settings.DEMO:
            raise CommandError("This is not a demo: set DEMO=1, or enrol real people at /desk/enroll/.")
        if words := settle():
            raise CommandError(words)
        if options["sign_ins"]:
            self._print_sign_ins()
            return
        least, most = len(demo.PATIENTS), demo.MOST_PATIENTS
        if not least <= options["patients"] <= most:
            raise CommandError(f"--patients is a number from {least} to {most}.")
        now = timezone.now()
        clinic = Clinic.objects.filter(name=demo.CLINIC).first() or _new_clinic(now)
        nurses = [clinic.staff.get(user__email=person.email) for person in demo.STAFF[:2]]
        here = Patient.all_clinics.filter(clinic=clinic, mrn__startswith=MRN).count()
        for n in range(here, options["patients"]):
            person = demo.PATIENTS[n] if n < least else drawn(n - least)
            patient = _patient(clinic, nurses[n % 2 if n >= least else 0], n, person, now)
            if n == WITH_A_HELPER:
                _helper(patient)
        while refresh.refresh_due(now):
            pass
        self.stdout.write(f"{clinic.name} has {max(here, options['patients'])} people in recovery.")

    def _print_sign_ins(self) -> None:
        self.stdout.write("Staff sign in with a password (the second factor is off in a demo):")
        for person in demo.STAFF:
            self.stdout.write(f"  {person.role:<10} {person.email:<24} {demo.PASSWORD}")
        self.stdout.write("Patients and helpers get a 6-digit code; in a demo it appears at /outbox/:")
        self.stdout.write(f"  patient    {_email(demo.PATIENTS[1]):<24} Harold, day 1")
        self.stdout.write(f"  patient    {_email(demo.PATIENTS[3]):<24} Walter, whose alert waits")
        self.stdout.write("  helper     helper@demo.example      Edith's daughter")


def _new_clinic(now: datetime) -> Clinic:
    clinic = _clinic()
    staff = [_staff(clinic, person) for person in demo.STAFF]
    alert_services.create_default_policies(clinic)
    _shifts(clinic, staff, now)
    name_lead(manager=staff[3], staff=staff[2], now=now)
    return clinic


def _clinic() -> Clinic:
    return Clinic.objects.create(
        name=demo.CLINIC, timezone=demo.ZONE, phone="+13125550142", after_hours_phone="+13125550199"
    )


def _staff(clinic: Clinic, person: demo.DemoStaff) -> Staff:
    user = User.objects.create_user(
        person.email, person.email, demo.PASSWORD, first_name=person.first, last_name=person.last
    )
    return Staff.objects.create(clinic=clinic, user=user, role=person.role)


def _shifts(clinic: Clinic, staff: list[Staff], now: datetime) -> None:
    """Make shifts for eight days without a gap: two nurses take turns, the physician is on call throughout."""
    start = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    halves = [(start + timedelta(hours=12 * n), staff[n % 2]) for n in range(16)]
    OnCallShift.objects.bulk_create(
        [
            OnCallShift(clinic=clinic, staff=nurse, role="nurse", starts_at=at, ends_at=at + timedelta(hours=12))
            for at, nurse in halves
        ]
        + [
            OnCallShift(
                clinic=clinic,
                staff=staff[2],
                role="physician",
                starts_at=start,
                ends_at=start + timedelta(days=8),
            )
        ]
    )


def _email(person: demo.DemoPatient) -> str:
    """Return the address; of somebody drawn, whose first name others have too, with the last name."""
    name = f"{person.first}.{person.last}" if person.is_worked else person.first
    return f"{name.lower()}@demo.example"


def _patient(clinic: Clinic, nurse: Staff, n: int, person: demo.DemoPatient, now: datetime) -> Patient:
    ended = now - timedelta(hours=person.hours)
    user = User.objects.create_user(_email(person), _email(person), first_name=person.first, last_name=person.last)
    user.set_unusable_password()
    user.phone = f"+1312555{1100 + n}"
    user.save(update_fields=["password", "phone"])
    patient = Patient.all_clinics.create(
        clinic=clinic,
        user=user,
        mrn=f"{MRN}{1001 + n}",
        first_name=person.first,
        last_name=person.last,
        birth_date=person.born,
        email=user.email,
        phone=user.phone,
        timezone=demo.ZONE,
        waiting_since=ended,
    )
    found = (ended + timedelta(days=person.fracture_day)).date() if person.fracture_day else None
    procedure = Procedure(
        patient=patient,
        ended_at=ended,
        recorded_at=ended,
        levels=person.levels,
        surgeon=demo.SURGEONS[n % len(demo.SURGEONS)],
        new_fracture_on=found,
        **person.record,
    )
    procedure.full_clean()
    procedure.save()
    for purpose in (Consent.Purpose.MESSAGES, Consent.Purpose.HELPERS):
        Consent.objects.create(patient=patient, purpose=purpose, wording_version="2026-11", granted_at=ended)
    _story(procedure, nurse, person, now)
    return patient


def _story(procedure: Procedure, nurse: Staff, person: demo.DemoPatient, now: datetime) -> None:
    """Make the logs and the actions of staff in the order they happened."""
    steps: list[tuple[float, Any]] = [*person.logs, *((ago, (what, note)) for ago, what, note in person.answers)]
    for ago, step in sorted(steps, key=lambda item: -item[0]):
        at = now - timedelta(hours=ago)
        if isinstance(step, dict):
            _log(procedure, {**demo.CALM, **step}, at)
            if person.is_worked:
                _work(procedure.patient, nurse, at, now)
        else:
            _answer(procedure.patient, nurse, step[0], step[1], at)


def _log(procedure: Procedure, answers: dict[str, Any], at: datetime) -> None:
    patient = procedure.patient
    assert patient.user
    submit_log(
        read_log(
            patient=patient,
            procedure=procedure,
            entered_by=patient.user,
            answers=answers,
            client_id=uuid.uuid4(),
            answered_at=at,
            now=at,
        )
    )


def _answer(patient: Patient, nurse: Staff, what: str, note: str, at: datetime) -> None:
    code = patient.alerts.exclude(state="resolved").values_list("code", flat=True).get()
    if what == "acknowledge":
        actions.acknowledge(staff=nurse, code=code, now=at)
    elif what == "snooze":
        actions.snooze(staff=nurse, code=code, until=at + timedelta(days=3), reason=note, now=at)
    elif what == "resolve":
        judged = {"worth": "useful", "worth_reason": "changed_care"}
        press = Press()
        actions.resolve(staff=nurse, code=code, outcome="seen_in_clinic", note=note, now=at, press=press, **judged)
    else:
        # a promise whose time has passed would show up as missed
        back_by = at + timedelta(hours=4)
        promised = back_by if back_by > timezone.now() else None
        actions.record_contact(
            staff=nurse,
            code=code,
            level="contacted",
            note=note,
            call_back_by=promised,
            now=at,
            press=Press(minutes=demo.MINUTES),
        )


def _work(patient: Patient, nurse: Staff, at: datetime, now: datetime) -> None:
    """Answer the alert this log raised, if any: seen in minutes, then spoken with, closed within two hours."""
    if patient.alerts.exclude(state="resolved").filter(tier__in=URGENT).exists():
        wait = 2 + at.minute % 9
        steps = ((wait, "acknowledge", ""), (2 * wait + 6, "contact", SPOKE), (50 + at.minute, "resolve", SAW))
        for minutes, what, words in steps:
            if (then := at + timedelta(minutes=minutes)) < now:
                _answer(patient, nurse, what, words, then)


def _helper(patient: Patient) -> None:
    user = User.objects.create_user(
        "helper@demo.example", "helper@demo.example", first_name="Karin", last_name="Johansson"
    )
    user.set_unusable_password()
    user.save(update_fields=["password"])
    Caregiver.objects.create(patient=patient, user=user, relationship="Daughter", may_be_alerted=True)
