"""What is wrong with a plan, and where."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Prints as compilers do: `file:line:column: message`. Lines and columns count from 1."""

    file: str
    line: int
    column: int
    message: str
    severity: Literal["error", "warning", "info"] = "error"
    """`info`: nothing is wrong with it, as far as could be seen."""

    def __str__(self) -> str:
        mark = "" if self.severity == "error" else f"{self.severity}: "
        return f"{self.file}:{self.line}:{self.column}: {mark}{self.message}"
