"""The forms of a file of patients: the file, which column holds what, and the last word before the import."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

NO_FILE = "Choose the file first."
EMPTY = "This file is empty. Choose another one."
TWICE = "Two fields have this column. Give each a column of its own."
WHICH_DAY = "Say how this column writes days."
WHICH_TIME = "The file does not tell at what time procedures ended. Give the usual time."
MONTH_DAY = [("month", "month first"), ("day", "day first")]


class Alone(forms.Form):
    """A form that is alone on its page, as the list of errors wants it."""

    @property
    def alone(self) -> list[forms.Form]:
        """This form, in a list."""
        return [self]


class SheetFileForm(Alone):
    """The file with the patients."""

    file = forms.FileField(
        label="File, CSV or XLSX",
        help_text="The first line names the columns. At most 5,000 rows and 900 KB. Nothing is saved yet.",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
        error_messages={"required": NO_FILE, "missing": NO_FILE, "empty": EMPTY},
    )


class ColumnsForm(Alone):
    """Which column holds which field, how columns write days, and the usual time at which procedures end."""

    usual_time = forms.TimeField(
        required=False,
        label="Usual time at which procedures ended",
        help_text="The clock of a recovery starts then. Used only where a row tells no time.",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": "Write the time as 14:30."},
    )

    def __init__(
        self,
        data: Any = None,
        *,
        header: Sequence[str],
        fields: Sequence[tuple[str, str]],
        days: Sequence[str],
        columns: Mapping[str, int],
        ask: Callable[[Mapping[str, int]], tuple[dict[str, str], bool]],
        lacking: Callable[[Mapping[str, int]], list[str]],
        **kwargs: Any,
    ) -> None:
        """ask: returns, for chosen columns, examples of days to be asked about, and whether times lack."""
        super().__init__(data, **kwargs)
        self.names, self.days, self._ask, self._lacking = [name for name, _ in fields], days, ask, lacking
        choices = [("", "Not in this file"), *((str(n), name[:60]) for n, name in enumerate(header))]
        self._valid = {key for key, _ in choices if key}
        for name, label in fields:
            self.fields[f"col_{name}"] = forms.ChoiceField(
                required=False, choices=choices, label=label, initial=str(columns.get(name, ""))
            )
        for name in days:
            self.fields[f"order_{name}"] = forms.ChoiceField(
                required=False, choices=MONTH_DAY, widget=forms.RadioSelect, initial="month"
            )
        self.asked, self.times_lack = ask(self.chosen if self.is_bound else columns)

    @property
    def chosen(self) -> dict[str, int]:
        """The columns as typed, as far as they are columns."""
        typed = {name: str(self.data.get(f"col_{name}", "")) for name in self.names}
        return {name: int(column) for name, column in typed.items() if column in self._valid}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        columns = self.chosen
        for name, column in columns.items():
            if [*columns.values()].count(column) > 1:
                self.add_error(f"col_{name}", TWICE)
        for words in self._lacking(columns):
            self.add_error(None, ValidationError(words))
        for name in self.asked:
            if not data.get(f"order_{name}"):
                self.add_error(f"order_{name}", WHICH_DAY)
        if self.times_lack and not data.get("usual_time") and "usual_time" not in self.errors:
            self.add_error("usual_time", WHICH_TIME)
        return data


class ImportForm(forms.Form):
    """The last word before the import."""

    all_agreed = forms.BooleanField(
        required=False,
        label="Each of the new patients agreed to messages by SMS and e-mail",
        help_text="Else only those for whom the file says yes. Nobody else is sent anything.",
    )
