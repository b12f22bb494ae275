"""Sessions of browsers. Only patients.sign_in.session_store writes them."""

from django.db import models

from patients.models.staff import User
from patients.vault.fields import LockedText


class Session(models.Model):
    """One row for each browser. A reader of the row sees its end and its user, but cannot use the session."""

    # The hash of the key in the browser's cookie, so that the row itself opens nothing.
    name = models.CharField(max_length=40, primary_key=True)
    data = LockedText(max_length=None, place="patients_session.data", bound_to=("name",))
    expires_at = models.DateTimeField(db_index=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+")

    def __str__(self) -> str:
        return self.name

    def give_up(self) -> None:
        """Delete a session that can no longer be read; the person signs in again."""
        self.delete()
