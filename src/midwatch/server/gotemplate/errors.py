"""What is wrong with a template, and where."""


class TemplateError(ValueError):
    """A text that is no template, or one that fails on its data. Line and column count from 1, in characters."""

    def __init__(self, message: str, line: int, column: int, *, template: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column
        self.template = template
        """The name it was added under; empty for the text that is rendered."""

    def __str__(self) -> str:
        place = f"line {self.line}, column {self.column}: {self.message}"
        return f"{self.template}: {place}" if self.template else place


class CallFailed(ValueError):
    """A value cannot be used as the template wants; the evaluator adds the place."""


def place_of(text: str, offset: int) -> tuple[int, int]:
    """Line and column of an offset."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1
