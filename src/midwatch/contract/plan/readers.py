"""What reads the files beside `midwatch.yml`: one reader a folder, handed to `load` by whoever needs what is in it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from midwatch.contract.plan.problem import Problem


@dataclass(frozen=True, slots=True)
class ReadFiles:
    """All by path below the plan directory. Files with errors have a problem and no value."""

    values: Mapping[str, Any] = field(default_factory=dict)
    told: Mapping[str, str] = field(default_factory=dict)
    """One line a file by which a difference is told: another file, another line."""
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class FileReader:
    """`read` gets the folder's files together, since they may collide; it never raises."""

    folder: str
    read: Callable[[Mapping[str, str]], ReadFiles]

    def reads(self, path: str) -> bool:
        return path.startswith(f"{self.folder}/")

    def own(self, files: Mapping[str, str]) -> dict[str, str]:
        return {path: text for path, text in files.items() if self.reads(path)}
