"""What staff are told when an action is not possible."""

from patients.models import Patient


class NotPossible(Exception):
    """An action that cannot be done: a sentence that names what to do, the field it is about, who is meant."""

    def __init__(self, text: str, *, field: str = "", patient: Patient | None = None) -> None:
        super().__init__(text)
        self.text, self.field, self.patient = text, field, patient
