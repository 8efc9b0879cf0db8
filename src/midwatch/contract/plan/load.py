"""Texts → plan: every problem at once, each with its file, line and column."""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import ValidationError

from midwatch.contract.plan.document import Document, Path, read_document
from midwatch.contract.plan.files import MAIN_FILE
from midwatch.contract.plan.problem import Problem
from midwatch.contract.plan.schema import keys_at
from midwatch.contract.plan.section import NAME_EXPECTED, Section
from midwatch.contract.plan.sections import sections

T = TypeVar("T")


@dataclass(frozen=True)
class Plan:
    """Values by section. `plan[retention.SECTION]` has that section's type."""

    values: Mapping[str, Any]
    written: Mapping[str, Any]
    """As it stands in the files: what differences are told by and what is remembered."""

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


EMPTY = Plan({name: section.empty() for name, section in sections().items()}, {})


def load(files: Mapping[str, str]) -> Loaded:
    """Check and build the plan of these texts, by path below the plan directory. Never raises."""
    problems = list(_unread(files))
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
        message = f"{name}: unknown key; expected {_one_of(name, list(sections()))}"
        problems.append(document.problem((name,), message, at_key=True))
    for name, section in sections().items():
        if written.get(name) is None:
            values[name] = section.empty()
            continue
        try:
            values[name] = section.adapter.validate_python(_listed(written[name]))
        except ValidationError as error:
            problems += _explained(error, section, document)
    for name, value in values.items():
        for path, message in sections()[name].check(value, values):
            problems.append(document.problem((name, *path), message))
    found = tuple(sorted(set(problems)))
    if any(problem.severity == "error" for problem in found):
        return Loaded(None, found)
    return Loaded(Plan(values, written), found)


def _listed(value: Any) -> Any:
    """Lists as tuples, which strict models with frozen fields take."""
    if isinstance(value, list):
        return tuple(_listed(item) for item in value)
    if isinstance(value, dict):
        return {key: _listed(item) for key, item in value.items()}
    return value


def _unread(files: Mapping[str, str]) -> Iterator[Problem]:
    for name in files:
        if name != MAIN_FILE:
            yield Problem(name, 1, 1, f"is not read: this version reads {MAIN_FILE}", "warning")


def _misnamed(files: Mapping[str, str]) -> str:
    near = difflib.get_close_matches(MAIN_FILE, [name for name in files if "/" not in name], n=1, cutoff=0.7)
    return f"; did you mean {near[0]}? It has to be called {MAIN_FILE}" if near else " in the plan directory"


def _one_of(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    listed = ", ".join(known)
    return f"one of {listed}; did you mean {near[0]}?" if near else f"one of {listed}"


def _explained(error: ValidationError, section: Section[Any], document: Document) -> Iterator[Problem]:
    for detail in error.errors(include_url=False):
        loc: Path = tuple(part for part in detail["loc"] if part != "[key]")
        path: Path = (section.name, *loc)
        name = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)[1:]
        last = str(path[-1])
        at_key = detail["loc"][-1:] == ("[key]",)
        if detail["type"] == "extra_forbidden":
            message = f"{last}: unknown key; expected {_one_of(last, keys_at(section, loc[:-1]))}"
            yield document.problem(path, message, at_key=True)
        elif detail["type"] == "missing":
            yield document.problem(path, f"{name}: expected this key")
        elif at_key:
            yield document.problem(path, f"{last}: expected {NAME_EXPECTED}", at_key=True)
        else:
            shown = _quoted(document, path, detail["input"])
            yield document.problem(path, f"{name}={shown}: {_expected(detail['type'], detail)}")


def _quoted(document: Document, path: Path, value: Any) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    text = document.texts.get(path, str(value))
    return (text if len(text) <= 80 else f"{text[:77]}…") or "nothing"


_EXPECTED = {
    "string_type": "expected text",
    "bool_type": "expected true or false",
    "int_type": "expected a whole number",
    "float_type": "expected a number",
    "tuple_type": "expected a list",
    "list_type": "expected a list",
    "dict_type": "expected a mapping of names to settings",
    "model_type": "expected a mapping",
    "model_attributes_type": "expected a mapping",
    "string_pattern_mismatch": f"expected {NAME_EXPECTED}",
}


def _expected(kind: str, detail: Any) -> str:
    context = detail.get("ctx", {})
    if detail["input"] is None and kind in ("model_type", "model_attributes_type", "dict_type"):
        return "expected a mapping; write {} where there is nothing to say"
    if kind == "value_error":
        return str(context["error"])
    if kind == "string_type" and isinstance(detail["input"], bool | int | float):
        return "expected text; write it in quotes"
    if kind == "string_too_long":
        return f"expected at most {context['max_length']} characters"
    if kind == "too_long":
        return f"expected at most {context['max_length']} entries"
    text = str(detail["msg"]).removeprefix("Input should be ")
    return _EXPECTED.get(kind, f"expected {text[:1].lower()}{text[1:]}")
