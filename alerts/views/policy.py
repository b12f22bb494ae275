"""/desk/policy/: the escalation plans of a clinic. Managers edit them, all staff read them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from alerts.clock import db_now
from alerts.forms import NEWER, PolicyForm, StepRows, plan_from, rearranged, step_initial
from alerts.lifecycle import plan_for
from alerts.messaging.devices import push_works
from alerts.models import WebhookEndpoint
from alerts.models.refusals import AlertError
from alerts.oncall.preview import MomentForm, preview_lines, roster_from
from alerts.oncall.roster import Roster
from alerts.policy.plan import CALL, NO_PERSON, PUSH, Plan
from alerts.policy.plan_bounds import BOUNDS, Bounds
from alerts.policy.policies import PlanChange, change_plan, plan_changes, version_of
from alerts.policy.timeline import Line
from alerts.views.top import top_of
from patients.access import StaffRequest, needs
from patients.models import Staff
from patients.permissions import Permission, may
from patients.scoping import rows_of
from patients.selectors.reach import calls_work
from patients.sign_in.kept_forms import keeps_form, typed_or_kept
from patients.tiers import URGENT
from patients.values.row_numbers import row_number

WORKS = {PUSH: push_works, CALL: calls_work}


@dataclass(frozen=True)
class Missing:
    """A way that steps of a plan do not use, in words, with their numbers from 1."""

    channel: str
    word: str
    words: str
    steps: list[int]


@dataclass
class Editor:
    """The plan of one tier on the page: the saved plan and the typed one."""

    tier: str
    saved: Plan
    form: PolicyForm
    rows: Any
    changes: list[PlanChange]
    # the version of the saved plan from which the typed rows started
    seen: int
    preview: Plan | None = None
    # the page shows typed rows
    is_open: bool = False
    lines: list[Line] = field(default_factory=list)
    problem: str = ""

    @property
    def missing(self) -> list[Missing]:
        """The newer ways that are set up and that some of the saved steps do not use."""
        words = {PUSH: ("push", "push to the devices of your staff"), CALL: ("calls", "calls to your staff")}
        ways = [Missing(way, *words[way], self._without(way)) for way in NEWER if WORKS[way]()]
        return [way for way in ways if way.steps]

    def _without(self, channel: str) -> list[int]:
        return [number for number, step in enumerate(self.saved.steps, start=1) if channel not in step.channels]

    @property
    def plan(self) -> Plan:
        """The plan to preview: the typed one when it is valid, else the saved one."""
        return self.preview or self.saved

    @property
    def bounds(self) -> Bounds:
        """The bounds of this tier."""
        return BOUNDS[self.tier]

    def check(self) -> bool:
        """Is the typed plan valid and within the bounds? If so, it becomes the preview."""
        valid = self.form.is_valid() & self.rows.is_valid()
        self.preview = plan_from(self.form, self.rows, self.tier) if valid else None
        return self.preview is not None


@keeps_form()
@require_http_methods(["GET", "POST"])
@needs(Permission.SEE_ESCALATION)
def policy(request: StaffRequest) -> HttpResponse:
    """Show both plans; save, preview or rearrange the posted one. An error keeps the typed text."""
    clinic, now = request.staff.clinic, timezone.now()
    may_edit = may(request.staff, Permission.SET_ESCALATION)
    if request.method == "POST" and not may_edit:
        raise PermissionDenied
    typed = typed_or_kept(request) if may_edit else None
    posted = typed.get("tier", "") if typed is not None else ""
    staff = list(rows_of(Staff, clinic=clinic).select_related("user").order_by("id"))
    editors = [_editor(clinic.pk, tier, staff, typed if tier == posted else None) for tier in URGENT]
    for editor in editors:
        plan = editor.preview if editor.form.is_bound and editor.check() else None
        if plan and "save" in request.POST and _save(request, editor, plan):
            return redirect(top_of("alerts:policy"))
    moment = MomentForm(request.GET if "at" in request.GET else None, zone=ZoneInfo(clinic.timezone))
    at = moment.chosen() or now
    _add_lines(editors, roster_from(clinic.pk, at), at)
    page = {"editors": editors, "may_edit": may_edit, "clinic": clinic, "moment": moment, "at": at}
    page["at_query"] = "" if at == now else f"?{urlencode({'at': request.GET['at']})}"
    return render(request, "alerts/policy.html", {**page, "at_now": at == now})


def _save(request: StaffRequest, editor: Editor, plan: Plan) -> bool:
    """Save the typed plan, unless a colleague has saved a newer one since. Returns whether it was saved."""
    why, tier = editor.form.cleaned_data["reason"], editor.tier
    try:
        change_plan(staff=request.staff, tier=tier, plan=plan, reason=why, seen=editor.seen, now=db_now())
    except AlertError as error:
        # The page now shows the newer plan, so the next press saves over it.
        editor.problem, editor.seen = error.text, version_of(request.staff.clinic_id, tier)
        editor.changes = plan_changes(request.staff.clinic_id, tier)
        return False
    messages.success(request, "The plan is saved. It counts for alerts from now on.")
    return True


def _add_lines(editors: list[Editor], roster: Roster, at: datetime) -> None:
    for editor in editors:
        editor.lines = preview_lines(editor.plan, at, roster)


def ways_for(clinic_id: int, saved: Plan) -> set[str]:
    """The channels a step may use: those that are set up, and those the saved plan uses already."""
    ways = {"board", "email", "sms", *(name for step in saved.steps for name in step.channels)}
    ways |= {way for way, works in WORKS.items() if works()}
    if rows_of(WebhookEndpoint, clinic=clinic_id).filter(disabled_at__isnull=True).exists():
        ways.add(NO_PERSON)
    return ways


def _editor(clinic_id: int, tier: str, staff: list[Staff], typed: QueryDict | None) -> Editor:
    saved = plan_for(clinic_id, tier)
    do = typed.get("do", "") if typed is not None else ""
    data = None if do else typed
    prefix, kwargs = f"{tier}-steps", {"staff": staff, "tier": tier, "ways": ways_for(clinic_id, saved)}
    initial: dict[str, Any] = {"repeat_minutes": saved.repeat_minutes, "ack_minutes": saved.ack_minutes}
    initial_rows = None if data else step_initial(saved)
    if typed is not None and do:
        initial = {name: typed.get(f"{tier}-{name}", "") for name in PolicyForm.field_order}
        initial_rows = rearranged(typed, prefix, do)
    if do in NEWER:
        added = "Push" if do == PUSH else "Calls"
        initial["reason"] = initial["reason"] or f"{added} added to every step"
    # Typed rows get no initial values to compare with: a colleague may have saved another plan meanwhile.
    saves = data is None or "save" in data
    form = PolicyForm(data, prefix=tier, initial=initial, tier=tier, saves=saves)
    rows = StepRows(data, prefix=prefix, initial=initial_rows, form_kwargs=kwargs)
    changes = plan_changes(clinic_id, tier)
    newest = changes[0].version if changes else 0
    seen = newest if typed is None else _seen(typed)
    return Editor(tier, saved, form, rows, changes, seen, is_open=typed is not None)


def _seen(typed: QueryDict) -> int:
    return row_number(typed.get("seen", "")) or 0
