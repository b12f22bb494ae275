"""How the record of a procedure is laid out: its groups, in the order of the page."""

from dataclasses import dataclass
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Div, Fieldset
from django.utils.text import slugify

BELIEVED = (
    "For what is ticked here, “it was like this before” is believed. Usual shortness of breath, a leg that could"
    " not move, and not being able to stand also no longer lead to 911 by themselves: tick them only when you are"
    " sure."
)


@dataclass(frozen=True)
class PagePart:
    """One group of fields on a long page: its address there, its words, and how many of its fields are wrong."""

    anchor: str
    words: str
    wrong: int


def page_helper() -> FormHelper:
    """Return a helper that lays out fields alone: the page has the form, the token and the list of errors."""
    helper = FormHelper()
    helper.form_tag, helper.disable_csrf = False, True
    helper.template = "patients/_fields.html"
    return helper


def _group(title: str, *rows: Any) -> Fieldset:
    return Fieldset(title, *rows, css_class="record-group", css_id=f"part-{slugify(title)}")


AGAIN = (
    "{% load crispy_forms_filters %}{% if procedure.restart_again %}{{ procedure.restart_again|as_crispy_field }}"
    "{% endif %}"
)
GROUPS = [
    _group(
        "What the team saw",
        Div("surgeon", css_class="two"),
        Div(
            "cement_leakage",
            "intravertebral_cleft",
            "fascia_oedema",
            "facet_injury",
            "separated_cement",
            css_class="ticks",
        ),
        Div("hu_low", "hu_value", "bmd_low", "bmd_t_score", "osteoporosis", "fracture_cause", css_class="two"),
    ),
    _group(
        "Before the procedure",
        Div("baseline_pain", "baseline_walk_level", css_class="two"),
        Div("baseline_symptoms", css_class="wide"),
        HTML(f"<p class='hint'>{BELIEVED}</p>"),
    ),
    _group(
        "Medicine",
        Div(
            "opioid_prescribed",
            "two_pain_meds_ok",
            "blood_thinner_held",
            "blood_thinner_continued",
            "ice_reminders",
            css_class="ticks",
        ),
        Div(
            "blood_thinner_name",
            "thinner_restart_on",
            "bone_medicine",
            "otc_pain_ok",
            "apap_max_mg",
            css_class="two",
        ),
        HTML(AGAIN),
        "meds_on_hold",
        "medicine_instructions",
        "allergies",
    ),
    _group(
        "Brace, therapy, work, visits",
        Div("brace_prescribed", "pt_ordered", css_class="ticks"),
        Div("brace_until", "pt_start_on", "job_type", "next_visit_at", "next_visit_with", css_class="two"),
        Div("new_fracture_on", css_class="two"),
    ),
    _group(
        "Bandage and other steps",
        Div("dressing_removed_at", css_class="two"),
        "wound_instructions",
        "home_instructions",
    ),
]
