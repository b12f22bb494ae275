"""The words of the file for a visit, from what its page shows."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from patients.models import Patient
from patients.templatetags.kypho import day, day_and_clock, in_zone, phone_words, tier_label
from recovery.phone.visit_pdf import Section, Sheet
from recovery.wording.clinical_words import said

NOT_SAID = "–"


def sheet_of(patient: Patient, found: Mapping[str, Any]) -> Sheet:
    """Return the words of the file for a patient, from the content of the visit page."""
    zone, chart = patient.timezone, found["chart"]
    return Sheet(
        language=get_language() or "en",
        made_at=found["page"].now,
        title=_("For the visit: %(name)s") % {"name": patient.name},
        lines=list(_head(patient, found)),
        sections=list(_sections(patient, found)),
        chart=chart,
        chart_title=_("Back pain, 0 to 10"),
        chart_words=chart.words if chart else "",
        rows_title=_("The last logs"),
        rows=[
            [_("When"), _("Verdict"), _("Back pain"), _("Walking"), _("Pain pills")],
            *(_row(line, zone) for line in found["lines"]),
        ],
        foot=_("%(name)s, as of %(at)s") % {"name": patient.name, "at": _at(found["page"].now, zone)},
    )


def _at(moment: datetime, zone: str) -> str:
    return str(day_and_clock(in_zone(moment, zone)))


def _head(patient: Patient, found: Mapping[str, Any]) -> Iterator[str]:
    procedure, zone = found["procedure"], patient.timezone
    values = {"levels": ", ".join(procedure.levels) or "–", "day": day(in_zone(procedure.ended_at, zone))}
    yield _("Kyphoplasty at %(levels)s on %(day)s.") % values
    if found["coming"] and procedure.next_visit_with:
        values = {"at": _at(procedure.next_visit_at, zone), "name": procedure.next_visit_with}
        yield _("Next visit: %(at)s with %(name)s.") % values
    elif found["coming"]:
        yield _("Next visit: %(at)s.") % {"at": _at(procedure.next_visit_at, zone)}
    if found["page"].missing:
        yield _("Some parts could not be shown: %(parts)s.") % {"parts": ", ".join(found["page"].missing)}
    clinic = patient.clinic
    yield _("Clinic: %(name)s, %(phone)s.") % {"name": clinic.name, "phone": phone_words(clinic.phone)}


def _sections(patient: Patient, found: Mapping[str, Any]) -> Iterator[Section]:
    zone = patient.timezone
    if found["asked"]:
        lines = [f"{one.text} ({day(in_zone(one.at, zone))})" for one in found["asked"]]
        yield Section(_("What was asked in the logs"), lines, ticked=True)
    if found["suggested"]:
        helped = found["helped"]
        title = _("{name} may want to ask").format(name=helped) if helped else _("Questions you may want to ask")
        yield Section(title, [said(one.text, helped) for one in found["suggested"]], ticked=True)
    for own in found["own_words"]:
        yield Section(own.title, own.text.splitlines())


def _row(line: Any, zone: str) -> list[str]:
    pain = NOT_SAID if line.pain is None else str(line.pain)
    return [_at(line.at, zone), str(tier_label(line.mark)), pain, line.walked or NOT_SAID, line.pills or NOT_SAID]
