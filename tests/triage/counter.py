"""How many judgements a run compared."""


class Counter:
    """Verdicts compared, and wrongs made on purpose that were seen, since the run began."""

    compared = 0
    mutants = 0

    @classmethod
    def add(cls, compared: int, mutants: int) -> None:
        cls.compared += compared
        cls.mutants += mutants
