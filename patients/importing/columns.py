"""PURE: the fields a sheet may have, and which column holds which by its name."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class SheetField:
    """One field: its name, its words on the page, and names that its column usually has, folded."""

    name: str
    label: str
    known_as: tuple[str, ...]


def _field(name: str, label: str, known_as: str) -> SheetField:
    return SheetField(name, label, tuple(known_as.split()))


FIELDS = (
    _field("full_name", "Name (Last, First)", "name patient patientname fullname nombrecompleto"),
    _field(
        "first_name",
        "First name",
        "firstname first givenname given forename patientfirstname fname nombre nombres",
    ),
    _field(
        "last_name",
        "Last name",
        "lastname last familyname family surname patientlastname lname apellido apellidos",
    ),
    _field(
        "birth_date",
        "Birth date",
        "birthdate dob dateofbirth born birthday patientdob fechadenacimiento nacimiento",
    ),
    _field(
        "mrn",
        "Record number",
        "recordnumber mrn record medicalrecordnumber patientid chartnumber chart id mrnr",
    ),
    _field(
        "phone",
        "Mobile phone",
        "mobilephone mobile phone cell cellphone phonenumber telephone tel telefono movil",
    ),
    _field("email", "E-mail", "email mail emailaddress correo correoelectronico"),
    _field("language", "Language", "language preferredlanguage lang idioma"),
    _field(
        "ended_on",
        "Day the procedure ended",
        "procedureended procedureend procedure proceduredate dateofprocedure dos dateofservice "
        "surgerydate dateofsurgery ended endedat proceduredatetime daytheprocedureended "
        "fechadelprocedimiento",
    ),
    _field(
        "ended_time",
        "Time it ended",
        "timeitended endtime proceduretime timeended time procedureendtime hora outtime",
    ),
    _field("levels", "Levels", "levels level levelstreated vertebrae vertebra niveles nivel"),
    _field("surgeon", "Who did the procedure", "surgeon provider physician doctor whodidtheprocedure"),
    _field("baseline_pain", "Pain before, 0 to 10", "painbefore baselinepain painbefore0to10 vas nrs"),
    _field("allergies", "Allergies", "allergies allergy alergias"),
    _field(
        "messages_agreed",
        "Agreed to messages",
        "agreedtomessages messages consent textconsent smsconsent messageconsent",
    ),
)
BY_NAME = {field.name: field for field in FIELDS}
# Columns with days.
DAYS = ("birth_date", "ended_on")
NEEDED = (
    (("first_name", "full_name"), "Choose the column with the first name, or with the whole name."),
    (("birth_date",), "Choose the column with the birth date."),
    (("ended_on",), "Choose the column with the day the procedure ended."),
    (("phone", "email"), "Choose the column with the mobile phone or the e-mail: patients sign in with it."),
)


def folded(name: str) -> str:
    """Return a column's name in small letters and digits alone, so that “E-Mail ” and “email” are the same."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]", "", plain)


def guess(header: Sequence[str], remembered: Mapping[str, str]) -> dict[str, int]:
    """Return which column holds which field: as confirmed last for a column of this name, else by usual names."""
    found: dict[str, int] = {}
    for number, name in enumerate(header):
        known = remembered.get(folded(name), "")
        if known in BY_NAME and known not in found:
            found[known] = number
    taken = set(found.values())
    for number, name in enumerate(header):
        if number in taken or folded(name) in remembered:
            continue
        for field in FIELDS:
            if folded(name) in field.known_as and field.name not in found:
                found[field.name] = number
                break
    return found


def to_remember(header: Sequence[str], columns: Mapping[str, int]) -> dict[str, str]:
    """Return the field of each column by its folded name, "" for one that is not used."""
    fields = {number: name for name, number in columns.items()}
    return {folded(name)[:80]: fields.get(number, "") for number, name in enumerate(header) if folded(name)}


def lacking(columns: Mapping[str, int]) -> list[str]:
    """Return what to choose before the sheet can be read."""
    return [words for names, words in NEEDED if not any(name in columns for name in names)]
