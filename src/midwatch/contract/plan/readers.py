"""What reads the files beside `midwatch.yml`: one reader a folder or file, handed to `load` by whoever needs it."""

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
    """Its name, or that of the one file (`alertmanager.yml`)."""
    read: Callable[[Mapping[str, str]], ReadFiles]

    @property
    def shown(self) -> str:
        return self.folder if "." in self.folder else f"{self.folder}/"

    def reads(self, path: str) -> bool:
        return path == self.folder or path.startswith(f"{self.folder}/")

    def own(self, files: Mapping[str, str]) -> dict[str, str]:
        return {path: text for path, text in files.items() if self.reads(path)}
