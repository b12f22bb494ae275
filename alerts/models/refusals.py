"""The error of an action that is not possible, with words for staff."""


class AlertError(Exception):
    """The action is not possible. text: a sentence for the person who tried it."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text
