"""Small things the tests of a patient's pages share."""

from patients.models import Patient, User


def user_of(patient: Patient) -> User:
    """The patient's own sign-in."""
    assert patient.user
    return patient.user
