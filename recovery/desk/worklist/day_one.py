"""What the manager of a new clinic still has to do, computed from the rows themselves; nothing is remembered."""

from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, Subquery
from django.db.models.functions import JSONObject
from django.urls import reverse

from alerts.models import Delivery, EscalationPolicy, OnCallShift
from alerts.policy.plan import DEFAULT_PLANS
from patients.models import MedicalLead, Staff
from patients.permissions import Permission, may, roles_with
from patients.scoping import for_staff, rows_of
from patients.sign_in.proofs import FACTORS
from patients.tiers import URGENT

ARRIVED = (Delivery.State.SENT, Delivery.State.DELIVERED)
# The audiences of a plan that only people of some roles can be.
HEARS = {
    "nurse_on_call": Permission.TAKE_FIRST_CALL,
    "all_nurses": Permission.TAKE_FIRST_CALL,
    "physician": Permission.TAKE_SECOND_CALL,
    "manager": Permission.TAKE_LAST_CALL,
}


@dataclass(frozen=True)
class ToDo:
    """One line. address: the page where it is done; empty where no page of the clinic can do it."""

    words: str
    done: bool
    address: str = ""
    why: str = ""


def day_one(staff: Staff) -> list[ToDo]:
    """Return the whole list until all of it is done, for those who set a clinic up. At most one statement."""
    if not may(staff, Permission.SET_UP_CLINIC):
        return []
    found = _lines(staff, _asked(staff))
    return [] if all(line.done for line in found) else found


def _asked(staff: Staff) -> dict[str, Any]:
    clinic = staff.clinic_id
    working = rows_of(Staff, clinic=clinic).filter(active=True, user__is_active=True)
    leads = rows_of(MedicalLead, clinic=clinic).order_by("-named_at", "-pk")
    lead = JSONObject(active="staff__active", may_sign_in="staff__user__is_active", role="staff__role")
    steps = rows_of(EscalationPolicy, clinic=clinic).filter(tier__in=URGENT, steps__isnull=False)
    row = rows_of(Staff, clinic=clinic).filter(pk=staff.pk)
    found = row.values(
        factor=Exists(rows_of(Authenticator, user=staff.user_id).filter(type__in=FACTORS)),
        roles=ArraySubquery(working.values("role")),
        audiences=ArraySubquery(steps.values("steps__audience")),
        mail=_tried(clinic, "email"),
        text=_tried(clinic, "sms"),
        shift=Exists(rows_of(OnCallShift, clinic=clinic)),
        lead=Subquery(leads.values(row=lead)[:1]),
        patient=Exists(for_staff(staff)),
    )
    return dict(found.get())


def _tried(clinic: int, channel: str) -> Exists:
    """Whether a test of somebody's own address arrived; the start of the key limits the search to tests."""
    tests = rows_of(Delivery, clinic=clinic).filter(key__startswith="contact-test:", message="contact_test")
    return Exists(tests.filter(channel=channel, state__in=ARRIVED))


def _lines(staff: Staff, asked: dict[str, Any]) -> list[ToDo]:
    clinic, contacts, deaf = staff.clinic, reverse("alerts:contacts"), _unheard(asked)
    return [
        ToDo("Set up your second factor", asked["factor"], reverse("mfa_index")),
        ToDo("Add a second person", len(asked["roles"]) > 1, reverse("patients:staff")),
        ToDo(
            "The clinic’s phone and after-hours number",
            bool(clinic.phone and clinic.after_hours_phone),
            why="Patients call it when nobody is at the clinic. Whoever runs this installation enters it.",
        ),
        ToDo("Send yourself a test e-mail", asked["mail"], contacts, "It counts when the e-mail has left."),
        ToDo("Send yourself a test text", asked["text"], contacts, "It counts when the text has left."),
        ToDo("Check whom the escalation plan tells", not deaf, reverse("alerts:policy"), _deaf_words(deaf)),
        ToDo("Plan the on-call week", asked["shift"], reverse("alerts:oncall")),
        ToDo("Name the medical lead", _leads(asked["lead"]), f"{reverse('recovery:settings')}#lead"),
        ToDo("Enroll the first patient", asked["patient"], reverse("patients:enroll")),
    ]


def _unheard(asked: dict[str, Any]) -> list[str]:
    """Return the roles that a step of the clinic's plans tells and nobody who works there has."""
    told = set(asked["audiences"]) or {step.audience for tier in URGENT for step in DEFAULT_PLANS[tier].steps}
    needed = (HEARS[audience] for audience in told if audience in HEARS)
    return sorted({str(role) for who in needed for role in roles_with(who) if role not in asked["roles"]})


def _deaf_words(roles: list[str]) -> str:
    return f"A step tells nobody: no {' and no '.join(roles)} works here yet." if roles else ""


def _leads(lead: dict[str, Any] | None) -> bool:
    """Whether the newest lead is still a physician who can sign in, as patients.services.lead says."""
    if lead is None:
        return False
    may_lead = roles_with(Permission.BE_MEDICAL_LEAD)
    return bool(lead["active"] and lead["may_sign_in"] and lead["role"] in may_lead)
