"""Read and save a clinic's escalation policy as a plan."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from alerts.models import EscalationPolicy, EscalationPolicyChange, EscalationStep
from alerts.models.refusals import AlertError
from alerts.policy.plan import DEFAULT_PLANS, Plan, Step, in_words, read_plan
from patients.models import Clinic, Staff
from patients.tiers import URGENT

HISTORY_MOST = 500
CHANGED_MEANWHILE = (
    "{by} has saved this plan while you were changing it (“{reason}”). Nothing of yours is lost: compare it with "
    "the newest plan under Changes, then save again to put yours in its place."
)


@dataclass(frozen=True)
class PlanChange:
    """One save of a plan: who, when and why. plan: the plan that counted from then on."""

    plan: Plan
    at: datetime
    by: str
    reason: str
    # the number that version_of returned after this save
    version: int

    @property
    def words(self) -> list[str]:
        """The plan, one line per step."""
        return in_words(self.plan)


def plan_for(clinic_id: int, tier: str) -> Plan:
    """The clinic's plan for a tier; the default plan when it has none, and always for watch. At most one query."""
    if tier not in URGENT:
        return DEFAULT_PLANS[tier]
    rows = EscalationStep.objects.filter(policy__clinic_id=clinic_id, policy__tier=tier)
    steps = list(rows.select_related("policy", "staff__user").order_by("position"))
    if not steps:
        return DEFAULT_PLANS[tier]
    policy = steps[0].policy
    return Plan(tuple(as_step(row) for row in steps), policy.repeat_minutes, policy.ack_minutes)


def as_step(row: EscalationStep) -> Step:
    """One row of a policy as a step of a plan."""
    name = row.staff.name if row.staff else ""
    return Step(row.wait_minutes, row.audience, row.staff_id, tuple(row.channels), name)


def save_plan(clinic: Clinic, tier: str, plan: Plan) -> EscalationPolicy:
    """Make this the clinic's policy for a tier. Active alerts keep the plan they carry.

    For a change by a person use change_plan.
    """
    with transaction.atomic():
        policy, _ = EscalationPolicy.objects.update_or_create(
            clinic=clinic,
            tier=tier,
            defaults={"repeat_minutes": plan.repeat_minutes, "ack_minutes": plan.ack_minutes},
        )
        policy.steps.all().delete()
        EscalationStep.objects.bulk_create(_row(policy, n, step) for n, step in enumerate(plan.steps))
    return policy


def change_plan(*, staff: Staff, tier: str, plan: Plan, reason: str, seen: int, now: datetime) -> EscalationPolicy:
    """Save a person's change of their clinic's policy for a tier, with its reason. Every save is kept.

    seen: the version of the plan that the person started from. AlertError when a colleague has saved a newer one.
    """
    with transaction.atomic():
        # Lock the clinic, so that two saves run one after the other even before the first policy exists.
        Clinic.objects.select_for_update(no_key=True).only("pk").get(pk=staff.clinic_id)
        if version_of(staff.clinic_id, tier) > seen:
            newest = plan_changes(staff.clinic_id, tier)[0]
            raise AlertError(CHANGED_MEANWHILE.format(by=newest.by, reason=newest.reason))
        policy = save_plan(staff.clinic, tier, plan)
        EscalationPolicyChange.objects.create(
            policy=policy, at=now, staff=staff, reason=reason, plan=plan.to_json()
        )
    return policy


def version_of(clinic_id: int, tier: str) -> int:
    """The version of a clinic's policy for a tier. It grows with every save by a person; 0 before the first."""
    rows = EscalationPolicyChange.objects.filter(policy__clinic_id=clinic_id, policy__tier=tier)
    return rows.aggregate(newest=Max("pk"))["newest"] or 0


def plan_changes(clinic_id: int, tier: str) -> list[PlanChange]:
    """The saves of a clinic's policy for a tier, newest first, at most 500. One query."""
    rows = EscalationPolicyChange.objects.filter(policy__clinic_id=clinic_id, policy__tier=tier)
    newest = rows.select_related("staff__user").order_by("-at", "-pk")[:HISTORY_MOST]
    return [PlanChange(read_plan(row.plan, tier), row.at, row.staff.name, row.reason, row.pk) for row in newest]


def _row(policy: EscalationPolicy, position: int, step: Step) -> EscalationStep:
    return EscalationStep(
        policy=policy,
        position=position,
        wait_minutes=step.wait_minutes,
        audience=step.audience,
        staff_id=step.staff_id,
        channels=list(step.channels),
    )


def create_default_policies(clinic: Clinic) -> None:
    """Give a clinic the default plans as rows it can edit. Policies it already has stay as they are."""
    with transaction.atomic():
        kept = set(EscalationPolicy.objects.filter(clinic=clinic).values_list("tier", flat=True))
        for tier in URGENT:
            if tier not in kept:
                save_plan(clinic, tier, DEFAULT_PLANS[tier])
