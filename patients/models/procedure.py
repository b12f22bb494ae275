"""The procedure (one kyphoplasty) and the patient's record, which the rules read."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.timezone import now as utc_now

from patients.models.fields import days, moments, numbers, validate_care_year, within
from patients.models.json_bounds import MEDS_RULE, SETTING_RULE, JsonRule
from patients.models.patient import Patient
from patients.models.staff import Staff
from patients.values.bounds import APAP_MG, HU, PAIN, T_SCORE

LEVELS = [*(f"T{n}" for n in range(1, 13)), *(f"L{n}" for n in range(1, 6))]
BASELINE_SYMPTOMS = [
    ("breath_usual", "Usual shortness of breath"),
    ("leg_paralysis", "A leg that could not move"),
    ("cannot_stand", "Could not stand on the legs"),
    ("numb_legs", "Numb legs"),
    ("numb_belly", "Numb belly"),
    ("numb_buttocks", "Numb bottom"),
    ("numb_treated_area", "Numb treated area"),
    ("numb_other", "Numb elsewhere"),
    ("weak_legs", "Weak legs"),
    ("weak_belly", "Weak belly"),
    ("weak_buttocks", "Weak bottom"),
    ("weak_other", "Weak elsewhere"),
    ("pain_legs", "Leg pain"),
    ("pain_belly", "Belly pain"),
    ("pain_buttocks", "Pain in the bottom"),
    ("bladder", "Bladder control"),
    ("bowel", "Bowel control"),
]


class Procedure(models.Model):
    """One kyphoplasty of one patient. All elapsed hours count from ended_at (DF-37)."""

    class Cause(models.TextChoices):
        OSTEOPOROSIS = "osteoporosis", "Osteoporosis"
        TUMOR = "tumor", "Tumor"
        INJURY = "injury", "Injury"
        OTHER = "other", "Other"

    class WalkLevel(models.TextChoices):
        NONE = "none", "Did not walk"
        ROOM = "room", "In the room"
        HOUSE = "house", "In the house"
        OUTSIDE = "outside", "Out of the house"

    class Job(models.TextChoices):
        NONE = "none", "No job"
        DESK = "desk", "Desk work"
        PHYSICAL = "physical", "Physical work"

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="procedures")
    ended_at = models.DateTimeField(validators=[validate_care_year])
    # When the recovery is closed: no reminders and no silence afterwards.
    closed_at = models.DateTimeField(null=True, blank=True)
    # When it was entered here: steps that were due long before are on the plan but send no note.
    recorded_at = models.DateTimeField(default=utc_now, editable=False)
    # When the patient answered, on day 0, whether they want ice reminders. The question is asked once.
    ice_answered_at = models.DateTimeField(null=True, blank=True, editable=False)
    levels = ArrayField(models.CharField(max_length=3), default=list)

    cement_leakage = models.BooleanField(default=False)
    intravertebral_cleft = models.BooleanField(default=False)
    fascia_oedema = models.BooleanField(default=False)
    facet_injury = models.BooleanField(default=False)
    separated_cement = models.BooleanField(default=False)
    hu_low = models.BooleanField(null=True, blank=True)
    hu_value = models.FloatField(null=True, blank=True, validators=within(HU))
    bmd_low = models.BooleanField(null=True, blank=True)
    bmd_t_score = models.FloatField(null=True, blank=True, validators=within(T_SCORE))
    osteoporosis = models.BooleanField(null=True, blank=True)
    fracture_cause = models.CharField(max_length=16, choices=Cause, blank=True)

    baseline_pain = models.PositiveSmallIntegerField(null=True, blank=True, validators=within(PAIN))
    baseline_walk_level = models.CharField(max_length=8, choices=WalkLevel, blank=True)
    baseline_symptoms = ArrayField(models.CharField(max_length=24), default=list, blank=True)

    brace_prescribed = models.BooleanField(default=False)
    brace_until = models.DateField(null=True, blank=True, validators=[validate_care_year])
    blood_thinner_held = models.BooleanField(default=False)
    # The patient was told to keep taking aspirin or another blood thinner all along.
    blood_thinner_continued = models.BooleanField(default=False)
    thinner_restart_on = models.DateField(null=True, blank=True, validators=[validate_care_year])
    # When a clinician last set thinner_restart_on, even to the same day: earlier reasons to hold it back are void.
    thinner_restart_set_at = models.DateTimeField(null=True, blank=True, editable=False)
    # a list of objects with name and restart_on (a local date, or null for "not told yet")
    meds_on_hold = models.JSONField(default=list, blank=True)
    # Takes medicine for osteoporosis; null: not asked yet.
    bone_medicine = models.BooleanField(null=True, blank=True)
    # The patient wants ice reminders.
    ice_reminders = models.BooleanField(default=False)
    opioid_prescribed = models.BooleanField(default=False)
    otc_pain_ok = models.BooleanField(null=True, blank=True)
    two_pain_meds_ok = models.BooleanField(default=False)
    apap_max_mg = models.PositiveIntegerField(null=True, blank=True, validators=within(APAP_MG))
    pt_ordered = models.BooleanField(default=False)
    pt_start_on = models.DateField(null=True, blank=True, validators=[validate_care_year])
    job_type = models.CharField(max_length=10, choices=Job, default=Job.NONE)
    next_visit_at = models.DateTimeField(null=True, blank=True, validators=[validate_care_year])
    next_visit_with = models.CharField(max_length=120, blank=True)
    dressing_removed_at = models.DateTimeField(null=True, blank=True, validators=[validate_care_year])
    # The clinic's own words for this patient, shown unchanged and before the product's texts.
    wound_instructions = models.TextField(max_length=2000, blank=True)
    medicine_instructions = models.TextField(max_length=2000, blank=True)
    home_instructions = models.TextField(max_length=2000, blank=True)
    # On the card for emergency staff, printed and on the phone.
    allergies = models.CharField(max_length=300, blank=True)
    blood_thinner_name = models.CharField(max_length=120, blank=True)
    surgeon = models.CharField(max_length=120, blank=True)
    # When a new fracture of a vertebra was found after this procedure; null: none is known. No rule reads it.
    new_fracture_on = models.DateField(null=True, blank=True, validators=[validate_care_year])
    # Impossible values that were emptied when the bounds were introduced, for staff who open the record next.
    emptied = models.TextField(blank=True, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(closed_at__gt=F("ended_at")),
                name="a_recovery_closes_after_the_procedure_ended",
            ),
            models.UniqueConstraint(
                fields=["patient"], condition=Q(closed_at__isnull=True), name="one_open_recovery_per_patient"
            ),
            models.CheckConstraint(
                condition=Q(baseline_pain__isnull=True) | Q(baseline_pain__lte=10),
                name="baseline_pain_is_0_to_10",
            ),
            models.CheckConstraint(condition=Q(levels__contained_by=LEVELS), name="levels_are_T1_to_L5"),
            moments(
                "times_of_a_recovery_are_in_years_of_care",
                "ended_at",
                "closed_at",
                "next_visit_at",
                "dressing_removed_at",
            ),
            days("dates_of_a_recovery_are_in_years_of_care", "brace_until", "thinner_restart_on", "pt_start_on"),
            days("a_new_fracture_is_in_years_of_care", "new_fracture_on"),
            numbers("numbers_of_a_record_are_possible", hu_value=HU, bmd_t_score=T_SCORE, apap_max_mg=APAP_MG),
            JsonRule(name="medicines_on_hold_have_days_in_years_of_care", sql=MEDS_RULE),
        ]

    def __str__(self) -> str:
        return f"procedure {self.pk}"


class ClinicOverride(models.Model):
    """An override: a clinic's setting for one recovery (log_schema, clinic overrides), with who, when and why."""

    class Key(models.TextChoices):
        SWELLING_GRACE = "site_swelling_grace_hours", "Hours of grace for small swelling"
        NO_DRIVE_UNTIL = "no_drive_until", "No driving until"
        NO_WORK_UNTIL = "no_work_until", "No work until"
        HEAVY_CLEARED = "heavy_cleared_on", "Lifting cleared on"
        STRENUOUS_CLEARED = "strenuous_cleared_on", "Hard exercise cleared on"
        NOT_BEFORE = "milestone_not_before_hours", "Milestones not before"
        ICE_OK = "ice_ok", "Ice is fine"
        QUIET_HOURS = "quiet_hours", "Quiet hours"
        FEVER_F = "fever_threshold_f", "Fever line in °F"
        FEVER_C = "fever_threshold_c", "Fever line in °C"

    procedure = models.ForeignKey(Procedure, on_delete=models.PROTECT, related_name="overrides")
    key = models.CharField(max_length=32, choices=Key)
    value = models.JSONField()
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300)
    set_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["procedure", "key"],
                condition=Q(ended_at__isnull=True),
                name="one_live_override_per_key",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="an_override_says_why"),
            moments("an_override_is_set_in_years_of_care", "set_at", "ended_at"),
            JsonRule(name="an_override_is_inside_its_bounds", sql=SETTING_RULE),
        ]

    def __str__(self) -> str:
        return f"{self.key} of procedure {self.procedure_id}"
