"""What the server keeps of one browser. Written by patients.sign_in.session_store alone."""

from django.db import models

from patients.models.staff import User
from patients.vault.fields import LockedText


class Session(models.Model):
    """One row for each browser. Whoever reads it learns when it ends and whose it is, and can be nobody by it."""

    # What the key in the browser's cookie hashes to: the row opens nothing.
    name = models.CharField(max_length=40, primary_key=True)
    data = LockedText(max_length=None, place="patients_session.data", bound_to=("name",))
    expires_at = models.DateTimeField(db_index=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+")

    def __str__(self) -> str:
        return self.name

    def give_up(self) -> None:
        """What it keeps cannot be read any more: its person signs in again."""
        self.delete()
