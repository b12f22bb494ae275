"""Some questions of the log inside a template of their own."""

from typing import Any

from crispy_forms.layout import LayoutObject
from django.template.loader import render_to_string

PAGE = "recovery/phone/log/"
# Tylenol is added up from each product: strength on the box times number of pills.
APAP_ROWS = ("acetaminophen", "opioid_acetaminophen")


class Block(LayoutObject):
    """Some questions inside a template of their own, which also gets the words given here."""

    def __init__(self, template: str, *inner: Any, gate: str = "", **words: Any) -> None:
        self.template, self.fields, self.gate, self.words = template, list(inner), gate, words

    def render(self, form: Any, context: Any, template_pack: Any = None, **kwargs: Any) -> str:
        """The inner questions, drawn into the template."""
        inner = self.get_rendered_fields(form, context, template_pack, **kwargs)
        words = {**self.words, "inner": inner, "field": form[self.gate] if self.gate else None}
        return render_to_string(PAGE + self.template, {**words, "form_show_errors": True})
