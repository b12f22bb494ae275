"""/desk/rules/settings/: the clinic's settings. Staff read, managers propose, the medical lead signs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from patients.access import StaffRequest, needs
from patients.models import MedicalLead, Staff
from patients.permissions import Permission, may, roles_with
from patients.scoping import rows_of
from patients.services.errors import NotPossible
from patients.services.lead import lead_of, name_lead
from patients.sign_in.kept_forms import keeps_form, typed_or_kept
from patients.values.capped_lists import ALL
from patients.values.row_numbers import row_number
from recovery.desk.rule_book.clinic_setting_forms import SettingForm
from recovery.desk.rule_book.clinic_settings_query import HISTORY_MOST, ClinicSettings, clinic_settings
from recovery.desk.rule_book.setting_words import (
    ELSEWHERE,
    GROUP_WORDS,
    STRICTER_WORDS,
    bounds_words,
    used_by,
    value_words,
)
from recovery.models import ClinicSetting
from recovery.settings.clinic_settings import propose, refuse, sign, take_back
from recovery.triage.config import GROUPS, Setting, fixed, looser, settings
from recovery.triage.rulebook import default_row


@dataclass(frozen=True)
class ShownSetting:
    """One setting on the page."""

    setting: Setting
    present: str
    row: ClinicSetting | None
    planned: ClinicSetting | None
    planned_words: str
    changed: bool
    form: SettingForm | None

    @property
    def default_words(self) -> str:
        return value_words(self.setting, self.setting.default)

    @property
    def bounds(self) -> str:
        return bounds_words(self.setting)

    @property
    def stricter(self) -> str:
        return STRICTER_WORDS[self.setting.stricter]

    @property
    def uses(self) -> tuple[str, ...]:
        return used_by(self.setting.key)

    @property
    def elsewhere(self) -> str:
        return ELSEWHERE.get(self.setting.key, "")

    @property
    def source(self) -> Any:
        """Return the words of the app default behind the setting; None when no document is."""
        return default_row(self.setting.default_id) if self.setting.default_id else None


@dataclass(frozen=True)
class SettingLine:
    """One row of the history or one waiting proposal, in words."""

    row: ClinicSetting
    label: str
    words: str
    before: str = ""
    less_strict_than: str = ""

    @property
    def taken_back(self) -> bool:
        """Return whether a manager withdrew it; otherwise the medical lead refused it."""
        by = self.row.ended_by
        return by is not None and by.role in roles_with(Permission.SET_CLINIC)


# Choosing the lead and answering a proposal are single presses, which keep no form.
@keeps_form("staff", "row")
@require_http_methods(["GET", "POST"])
@needs(Permission.SEE_SETTINGS)
def settings_page(request: StaffRequest) -> HttpResponse:
    """Show the page and handle its buttons; a form with errors keeps its input."""
    clinic, now = request.staff.clinic, timezone.now()
    lead = lead_of(clinic.pk)
    with timezone.override(ZoneInfo(clinic.timezone)):
        found = clinic_settings(clinic.pk, now, ALL if "history" in request.GET else HISTORY_MOST)
        if request.method == "POST":
            typed = _posted(request, found, lead, now)
            if typed is None:
                return redirect("recovery:settings")
        else:
            typed = _kept(request, found, now)
        page = _page(request, found, lead, typed, now)
        return render(
            request, "recovery/desk/settings.html", page, status=422 if request.method == "POST" else 200
        )


def _kept(request: StaffRequest, found: ClinicSettings, now: datetime) -> SettingForm | None:
    """Return the proposal that a manager sent while signed out, if one was kept."""
    kept: QueryDict | None = typed_or_kept(request) if may(request.staff, Permission.SET_CLINIC) else None
    setting = settings().get(kept.get("key", "")) if kept is not None else None
    return _form(setting, found, now, kept) if setting else None


def _posted(
    request: StaffRequest, found: ClinicSettings, lead: MedicalLead | None, now: datetime
) -> SettingForm | None:
    """Carry out the pressed button; return a form when it must be shown again."""
    action = request.POST.get("action", "")
    manages, leads = may(request.staff, Permission.SET_CLINIC), bool(lead and lead.staff_id == request.staff.pk)
    if action not in ("propose", "lead", "take_back", "sign", "refuse"):
        raise Http404
    if not (leads if action in ("sign", "refuse") else manages):
        raise PermissionDenied
    if action == "propose":
        return _propose(request, found, now)
    if action == "lead":
        _name_lead(request, now)
        return None
    _answer(request, {"sign": sign, "refuse": refuse, "take_back": take_back}[action], now)
    return None


def _propose(request: StaffRequest, found: ClinicSettings, now: datetime) -> SettingForm | None:
    setting = settings().get(request.POST.get("key", ""))
    if setting is None:
        raise Http404
    form = _form(setting, found, now, request.POST)
    if not form.is_valid():
        return form
    data = form.cleaned_data
    try:
        row = propose(
            staff=request.staff,
            key=setting.key,
            value=form.value(),
            reason=data["reason"],
            effective_from=data["effective_from"],
            now=now,
        )
    except NotPossible as error:
        form.add_error(None, error.text)
        return form
    counts = "It counts." if row.effective_from <= now else "It will count from the moment you chose."
    waits = "It is less strict, so it waits for the medical lead."
    messages.success(request, f"{setting.label}: saved. {waits if row.loosens else counts}")
    return None


def _name_lead(request: StaffRequest, now: datetime) -> None:
    chosen = row_number(request.POST.get("staff", ""))
    colleagues = rows_of(Staff, clinic=request.staff.clinic_id).select_related("user")
    staff = colleagues.filter(pk=chosen).first() if chosen is not None else None
    try:
        if staff is None:
            raise NotPossible("Choose a physician.")
        name_lead(manager=request.staff, staff=staff, now=now)
    except NotPossible as error:
        messages.error(request, error.text)
    else:
        messages.success(request, f"{staff.name} is the medical lead.")


def _answer(request: StaffRequest, do: Callable[..., ClinicSetting], now: datetime) -> None:
    row_id = row_number(request.POST.get("row", ""))
    if row_id is None:
        raise Http404
    try:
        row = do(staff=request.staff, row_id=row_id, now=now)
    except NotPossible as error:
        messages.error(request, error.text)
        return
    words = {"sign": "signed", "refuse": "refused", "take_back": "taken back"}[request.POST["action"]]
    messages.success(request, f"{settings()[row.key].label}: {words}.")


def _form(setting: Setting, found: ClinicSettings, now: datetime, data: Any = None) -> SettingForm:
    row = found.planned.get(setting.key) or found.now.get(setting.key)
    return SettingForm(data, setting=setting, present=row.value if row else setting.default, now=now)


def _page(
    request: StaffRequest,
    found: ClinicSettings,
    lead: MedicalLead | None,
    typed: SettingForm | None,
    now: datetime,
) -> dict[str, Any]:
    manages = may(request.staff, Permission.SET_CLINIC)
    shown = [_shown(setting, found, now, typed, manages=manages) for setting in settings().values()]
    physicians = rows_of(Staff, clinic=request.staff.clinic_id).filter(
        role__in=roles_with(Permission.BE_MEDICAL_LEAD),
        active=True,
        user__is_active=True,
    )
    return {
        "groups": [(name, GROUP_WORDS[name], [s for s in shown if s.setting.group == name]) for name in GROUPS],
        "waiting": [_told(row, found) for row in found.waiting if row.key in settings()],
        "outside": [one for one in shown if one.setting.key in {row.key for row in found.outside}],
        "past": [_told(row, found) for row in found.past],
        "past_left_out": found.past_left_out,
        "lead": lead,
        "leads": bool(lead and lead.staff_id == request.staff.pk),
        "manages": manages,
        "physicians": list(physicians.select_related("user").order_by("user__last_name", "pk")) if manages else [],
        "fixed": [(label, why) for _, label, why in fixed().values()],
        "form": typed,
        "zone": request.staff.clinic.timezone,
        "clinic": request.staff.clinic,
        "now": now,
        "changed": [one for one in shown if one.changed],
    }


def _shown(
    setting: Setting, found: ClinicSettings, now: datetime, typed: SettingForm | None, *, manages: bool
) -> ShownSetting:
    row, planned = found.now.get(setting.key), found.planned.get(setting.key)
    value = row.value if row else setting.default
    form = typed if typed and typed.setting.key == setting.key else _form(setting, found, now) if manages else None
    return ShownSetting(
        setting=setting,
        present=value_words(setting, value),
        row=row,
        planned=planned,
        planned_words=value_words(setting, planned.value) if planned else "",
        changed=value != setting.default,
        form=form,
    )


def _told(row: ClinicSetting, found: ClinicSettings) -> SettingLine:
    """Return a row in words; for a proposal also the value that counts now and what it loosens.

    A key of an older release is shown as it was stored.
    """
    setting = settings().get(row.key)
    if setting is None:
        return SettingLine(row, row.key, str(row.value))
    present = found.now.get(row.key)
    value = present.value if present else setting.default
    than = [
        words
        for words, one in (("the default", setting.default), ("now", value))
        if looser(setting, one, row.value)
    ]
    return SettingLine(
        row=row,
        label=setting.label,
        words=value_words(setting, row.value),
        before=value_words(setting, value),
        less_strict_than=" and than ".join(than),
    )
