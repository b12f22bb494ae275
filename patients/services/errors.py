"""The error for an action that is not possible."""

from patients.models import Patient


class NotPossible(Exception):
    """An action is not possible. text: what to do; field: the form's field; patient: the one it collides with."""

    def __init__(self, text: str, *, field: str = "", patient: Patient | None = None) -> None:
        super().__init__(text)
        self.text, self.field, self.patient = text, field, patient
