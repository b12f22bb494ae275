"""What staff are told when an action is not possible."""


class AlertError(Exception):
    """An action that cannot be done; text is a sentence for the person who tried."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text
