"""The form for the procedure and the patient record that the rules read (log_schema, patient record)."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Layout
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from patients.forms.asked_back import AsksBack
from patients.forms.fields import (
    BaselineField,
    DayField,
    ForMany,
    LevelsField,
    MedsField,
    OwnWordsField,
    YesNoField,
    ZonedDateTimeField,
)
from patients.forms.procedure_layout import GROUPS, PagePart, page_helper
from patients.forms.record_days import check_days
from patients.models import Clinic, Procedure
from patients.services.clinicians import ONLY, RESTARTS, SET_AGAIN
from patients.values.bounds import APAP_MG, HU, PAIN, T_SCORE, Numbers

OLDEST = timedelta(days=366)
NOT_KNOWN = ("", "Not known")
WALK = "Usual walking before the fracture, not in the painful days just before."


class ProcedureForm(AsksBack, ForMany, forms.ModelForm):
    """The end of the procedure and the treated levels come first; all else has a sensible default."""

    ended_at = ZonedDateTimeField(label="When the procedure ended")
    levels = LevelsField(label="Levels treated")
    hu_low = YesNoField(label="Bone density low on CT (HU)")
    bmd_low = YesNoField(label="Bone mineral density low")
    osteoporosis = YesNoField(label="Osteoporosis")
    fracture_cause = forms.ChoiceField(
        required=False, choices=[NOT_KNOWN, *Procedure.Cause.choices], label="Cause of the fracture"
    )
    baseline_walk_level = forms.ChoiceField(
        required=False,
        choices=[NOT_KNOWN, *Procedure.WalkLevel.choices],
        label="Walking before the fracture",
        help_text=WALK,
    )
    baseline_pain = forms.IntegerField(
        required=False,
        min_value=int(PAIN.lowest),
        max_value=int(PAIN.highest),
        label="Pain on moving just before the procedure, 0 to 10",
    )
    baseline_symptoms = BaselineField(label="Already there before the procedure")
    bone_medicine = YesNoField(label="Takes medicine for osteoporosis")
    otc_pain_ok = YesNoField(label="Over-the-counter pain medicine is fine")
    meds_on_hold = MedsField(
        label="Other medicines on hold", help_text="One a line. With a date to start again: Fish oil, 2026-12-31"
    )
    apap_max_mg = forms.IntegerField(
        required=False,
        min_value=int(APAP_MG.lowest),
        max_value=int(APAP_MG.highest),
        label="Most acetaminophen a day, mg",
        help_text="Empty: 4000",
    )
    brace_until = DayField(required=False, label="Brace until")
    thinner_restart_on = DayField(required=False, label="Start the blood thinner again on")
    restart_again = forms.BooleanField(
        required=False,
        label="Set this day again: it was held back, and counts now",
        help_text="A sign that is still there holds it back again; the plan on the chart says which.",
    )
    pt_start_on = DayField(required=False, label="Physical therapy starts on")
    next_visit_at = ZonedDateTimeField(required=False, label="Next visit")
    dressing_removed_at = ZonedDateTimeField(required=False, label="Dressing came off")
    new_fracture_on = DayField(
        required=False,
        label="New fracture found on",
        help_text="Of another vertebra, or of this one again, after this procedure. For the clinic’s figures.",
    )
    wound_instructions = OwnWordsField(label="Bandage steps for this patient")
    medicine_instructions = OwnWordsField(
        label="Medicine list for this patient",
        help_text="The patient reads it as you write it. One medicine a line.",
    )
    home_instructions = OwnWordsField(
        label="Other steps at home", help_text="Activity and follow-up, as on the paper they went home with."
    )
    allergies = forms.CharField(
        required=False,
        max_length=300,
        label="Allergies",
        help_text="Also contrast dye and numbing medicine. On the card for emergency staff.",
    )
    blood_thinner_name = forms.CharField(
        required=False,
        max_length=120,
        label="Which blood thinner",
        help_text="Such as apixaban 5 mg. On the card for emergency staff.",
    )
    surgeon = forms.CharField(
        required=False,
        max_length=120,
        label="Who did the procedure",
        help_text="Such as Dr. Ada Chen. On the card for emergency staff.",
    )

    class Meta:
        model = Procedure
        exclude = ["patient", "closed_at", "emptied"]  # noqa: DJ006 (a new field of the record belongs on this page)
        labels = {
            "cement_leakage": "Cement leaked",
            "intravertebral_cleft": "Cleft inside the vertebra",
            "fascia_oedema": "Fascia oedema",
            "facet_injury": "Facet joint injury",
            "separated_cement": "Cement in two separate pools",
            "hu_value": "HU value",
            "bmd_t_score": "T-score",
            "brace_prescribed": "Brace prescribed",
            "blood_thinner_held": "Blood thinner or aspirin on hold",
            "blood_thinner_continued": "Keeps taking a blood thinner or aspirin",
            "ice_reminders": "Wants to be reminded to use ice",
            "opioid_prescribed": "Strong pain medicine prescribed",
            "two_pain_meds_ok": "More than one pain medicine together is approved",
            "pt_ordered": "Physical therapy ordered",
            "job_type": "Work",
            "next_visit_with": "Visit with",
        }

    def __init__(self, *args: Any, clinic: Clinic, now: datetime, may_lift: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not (self.instance.blood_thinner_held and self.instance.thinner_restart_on):
            del self.fields[SET_AGAIN]
        if not may_lift:
            self._leave_to_clinicians()
        self.now, self.zone = now, ZoneInfo(clinic.timezone)
        for name in ("ended_at", "next_visit_at", "dressing_removed_at"):
            field = self.fields[name]
            assert isinstance(field, ZonedDateTimeField)
            field.zone = self.zone
        self.fields["ended_at"].help_text = f"On the clocks of the clinic ({clinic.timezone})."

    def _leave_to_clinicians(self) -> None:
        """Disable the fields that only clinicians may set: restart days, and the end of a blood thinner's hold."""
        ended = {"blood_thinner_held"} if self.instance.blood_thinner_held else set()
        for name in (RESTARTS | ended) & self.fields.keys():
            self.fields[name].disabled = True
            self.fields[name].help_text = f"{ONLY} sets this."

    def clean_ended_at(self) -> datetime:
        ended: datetime = self.cleaned_data["ended_at"]
        if ended > self.now:
            raise ValidationError("This is in the future. Enroll the patient when the procedure is over.")
        if ended < self.now - OLDEST and "ended_at" in self.changed_data:
            raise ValidationError("This is more than a year ago. Check the date.")
        return ended

    def clean_new_fracture_on(self) -> date | None:
        found: date | None = self.cleaned_data["new_fracture_on"]
        if found and found > self.now.astimezone(self.zone).date():
            raise ValidationError("This is in the future. Enter it when it was found.")
        return found

    def clean_hu_value(self) -> float | None:
        return _within(self.cleaned_data["hu_value"], HU)

    def clean_bmd_t_score(self) -> float | None:
        return _within(self.cleaned_data["bmd_t_score"], T_SCORE)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        off = data.get("dressing_removed_at")
        if off and (off > timezone.now() or (data.get("ended_at") and off < data["ended_at"])):
            self.add_error("dressing_removed_at", "Enter a time after the procedure and not in the future.")
        check_days(self, data, self.now.astimezone(self.zone))
        return data

    @property
    def parts(self) -> list[PagePart]:
        """The groups of the rest of the record: where each stands on the page, and how many errors it has."""
        errors = set(self.errors) if self.is_bound else set()
        return [
            PagePart(
                group.css_id, group.legend, len(errors & {pointer.name for pointer in group.get_field_names()})
            )
            for group in GROUPS
        ]

    @property
    def helper(self) -> FormHelper:
        """The layout of the two questions that are always shown; `more` has the rest."""
        helper = page_helper()
        helper.layout = Layout(Div("ended_at", css_class="two"), Div("levels", css_class="levels"))
        return helper

    @property
    def more(self) -> FormHelper:
        """The layout of the rest of the record, in groups behind “More”."""
        helper = page_helper()
        helper.layout = Layout(*GROUPS)
        return helper


def _within(value: float | None, bounds: Numbers) -> float | None:
    if value is not None and not bounds.hold(value):
        raise ValidationError(f"Enter a number from {bounds.lowest:g} to {bounds.highest:g}.")
    return value
