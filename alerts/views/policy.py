"""/desk/policy/: whom the clinic tells, in which order. Managers edit, everyone on the staff reads."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from alerts.forms import PolicyForm, StepRows, plan_from, step_initial
from alerts.models import WebhookEndpoint
from alerts.plan import NO_PERSON, Plan, in_words
from alerts.services import plan_for
from alerts.services.devices import push_works
from alerts.services.policies import URGENT_TIERS, Change, change_plan, plan_changes
from patients.access import staff_required
from patients.models import Staff
from patients.selectors import active_staff


@dataclass
class Editor:
    """One tier's plan on the page: what is saved, and what is being typed."""

    tier: str
    saved: Plan
    form: PolicyForm
    rows: Any
    changes: list[Change]
    preview: Plan | None = None

    @property
    def words(self) -> list[str]:
        """The plan in words: the typed one when it makes sense, else the saved one."""
        return in_words(self.preview or self.saved)

    def check(self) -> bool:
        """Is what was typed a plan? Then it is the one previewed."""
        valid = self.form.is_valid() & self.rows.is_valid()
        self.preview = plan_from(self.form, self.rows) if valid else None
        return valid


@require_http_methods(["GET", "POST"])
@staff_required()
def policy(request: Any) -> HttpResponse:
    """Show both plans; save or preview the one that was posted. Errors keep what was typed."""
    clinic, may_edit = request.staff.clinic, request.staff.role == Staff.Role.MANAGER
    if request.method == "POST" and not may_edit:
        raise PermissionDenied
    posted = request.POST.get("tier", "")
    staff = active_staff(clinic)
    editors = [_editor(request, clinic.pk, tier, staff, typed=tier == posted) for tier in URGENT_TIERS]
    for editor in editors:
        if editor.tier == posted and editor.check() and "save" in request.POST and editor.preview:
            why = editor.form.cleaned_data["reason"]
            change_plan(staff=request.staff, tier=posted, plan=editor.preview, reason=why, now=timezone.now())
            messages.success(request, "The plan is saved. It counts for alerts from now on.")
            return redirect("alerts:policy")
    return render(request, "alerts/policy.html", {"editors": editors, "may_edit": may_edit, "clinic": clinic})


def ways_for(clinic_id: int, saved: Plan) -> set[str]:
    """The channels a step may name: those that are set up, and those the plan names already."""
    ways = {"board", "email", "sms", *(name for step in saved.steps for name in step.channels)}
    if push_works():
        ways.add("push")
    if WebhookEndpoint.objects.filter(clinic_id=clinic_id, disabled_at__isnull=True).exists():
        ways.add(NO_PERSON)
    return ways


def _editor(request: HttpRequest, clinic_id: int, tier: str, staff: list[Staff], *, typed: bool) -> Editor:
    saved = plan_for(clinic_id, tier)
    data = request.POST if typed else None
    initial = {"repeat_minutes": saved.repeat_minutes, "ack_minutes": saved.ack_minutes}
    form = PolicyForm(data, prefix=tier, initial=initial)
    # Typed rows are compared with nothing: the plan may have been saved by somebody else in between.
    kwargs = {"staff": staff, "ways": ways_for(clinic_id, saved)}
    initial_rows = None if typed else step_initial(saved)
    rows = StepRows(data, prefix=f"{tier}-steps", initial=initial_rows, form_kwargs=kwargs)
    return Editor(tier, saved, form, rows, plan_changes(clinic_id, tier))
