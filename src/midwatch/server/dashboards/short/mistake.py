"""What is wrong with a board in short form, and where."""

from midwatch.contract.plan.document import Path


class Mistake(Exception):
    """The message says what was expected; `path` leads to the place in the document."""

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(message)
        self.path = path
