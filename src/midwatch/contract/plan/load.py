"""Texts → plan: every problem at once, each with its file, line and column."""

import difflib
import fnmatch
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from pydantic import ValidationError

from midwatch.contract.plan.document import read_document
from midwatch.contract.plan.explain import explained, listed, one_of
from midwatch.contract.plan.files import MAIN_FILE
from midwatch.contract.plan.problem import Problem
from midwatch.contract.plan.readers import FileReader
from midwatch.contract.plan.section import Remark, Section
from midwatch.contract.plan.sections import sections

T = TypeVar("T")


@dataclass(frozen=True)
class Plan:
    """Values by section. `plan[retention.SECTION]` has that section's type."""

    values: Mapping[str, Any]
    written: Mapping[str, Any]
    """As it stands in the files: what differences are told by and what is remembered."""

    files: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What readers made of other files: by folder, then by path."""

    def __getitem__(self, section: Section[T]) -> T:
        value: T = self.values[section.name]
        return value


@dataclass(frozen=True, slots=True)
class Loaded:
    plan: Plan | None
    """None where there is an error."""
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.severity == "error")


Check = Callable[[Mapping[str, Any]], Iterable[Remark]]
"""Gets the sections that are right by themselves, by name; paths are from the top of the plan."""
EMPTY = Plan({name: section.empty() for name, section in sections().items()}, {})


def load(files: Mapping[str, str], readers: Sequence[FileReader] = (), checks: Sequence[Check] = ()) -> Loaded:
    """Check and build the plan of these texts, by path below the plan directory. Never raises.

    `readers` read the files beside `midwatch.yml`, `checks` look at what only the server understands: who loads a plan
    for its own part of it needs none.
    """
    read = {reader.folder: reader.read(reader.own(files)) for reader in readers}
    problems = list(_unread(files, readers))
    problems += [problem for one in read.values() for problem in one.problems]
    if MAIN_FILE not in files:
        problems.append(Problem(MAIN_FILE, 1, 1, f"expected this file{_misnamed(files)}"))
        return Loaded(None, tuple(sorted(problems)))
    document = read_document(MAIN_FILE, files[MAIN_FILE])
    problems += document.problems
    written = document.value if document.value is not None else {}
    if not isinstance(written, dict):
        problems.append(document.problem((), f"expected a mapping with the keys {', '.join(sections())}"))
        return Loaded(None, tuple(sorted(problems)))
    values: dict[str, Any] = {}
    for name in written.keys() - sections().keys():
        message = f"{name}: unknown key; expected {one_of(name, list(sections()))}"
        problems.append(document.problem((name,), message, at_key=True))
    for name, section in sections().items():
        if written.get(name) is None:
            values[name] = section.empty()
            continue
        try:
            values[name] = section.adapter.validate_python(listed(written[name]))
        except ValidationError as error:
            problems += explained(error, section.adapter, document, (section.name,))
    for name, value in values.items():
        for path, message in sections()[name].check(value, values):
            problems.append(document.problem((name, *path), message))
        for path, message in sections()[name].advise(value, values):
            problems.append(replace(document.problem((name, *path), message), severity="warning"))
    problems += [document.problem(path, message) for check in checks for path, message in check(values)]
    spoken_of = [pattern for name, value in values.items() for pattern in sections()[name].files(value)]
    unread = {one for one in _unread(files, readers) if any(fnmatch.fnmatchcase(one.file, p) for p in spoken_of)}
    problems = [one for one in problems if one not in unread]
    found = tuple(sorted(set(problems)))
    if any(problem.severity == "error" for problem in found):
        return Loaded(None, found)
    told = {folder: dict(one.told) for folder, one in read.items() if one.told}
    return Loaded(Plan(values, written | told, {folder: one.values for folder, one in read.items()}), found)


def _unread(files: Mapping[str, str], readers: Sequence[FileReader]) -> Iterator[Problem]:
    known = " and ".join([MAIN_FILE, *(reader.shown for reader in readers)])
    for name in files:
        if name != MAIN_FILE and not any(reader.reads(name) for reader in readers):
            yield Problem(name, 1, 1, f"is not read: this version reads {known}", "warning")


def _misnamed(files: Mapping[str, str]) -> str:
    near = difflib.get_close_matches(MAIN_FILE, [name for name in files if "/" not in name], n=1, cutoff=0.7)
    return f"; did you mean {near[0]}? It has to be called {MAIN_FILE}" if near else "; an empty one will do"
