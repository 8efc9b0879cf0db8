"""The text of a file → a dashboard, or every problem with its line."""

from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter, ValidationError

from midwatch.contract.plan.document import Document, Path, read_document
from midwatch.contract.plan.explain import explained, listed
from midwatch.contract.plan.problem import Problem
from midwatch.server.dashboards.check import check
from midwatch.server.dashboards.grafana.read import own_uid
from midwatch.server.dashboards.short.build import Mistake, built
from midwatch.server.dashboards.short.form import ShortBoard
from midwatch.server.schemas.dashboards.board import Dashboard

_FORM: TypeAdapter[ShortBoard] = TypeAdapter(ShortBoard)


@dataclass(frozen=True, slots=True)
class ShortRead:
    """`dashboard` is None where there is an error."""

    dashboard: Dashboard | None
    problems: list[Problem] = field(default_factory=list)


def read_short(file: str, text: str) -> ShortRead:
    """Never raises. The file's name is the board's uid where it says none."""
    document = read_document(file, text)
    if document.problems:
        return ShortRead(None, document.problems)
    if not isinstance(document.value, dict):
        return ShortRead(None, [document.problem((), "expected a mapping with `title` and `panels` or `rows`")])
    try:
        form = _FORM.validate_python(listed(document.value))
    except ValidationError as error:
        return ShortRead(None, list(_told(error, document)))
    stem = file.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    try:
        board, places = built(form, uid=form.uid or own_uid(None, stem))
    except Mistake as mistake:
        return ShortRead(None, [document.problem(mistake.path, str(mistake))])
    problems = []
    for found in check(board):
        path = places.get(found.panel or 0, ("variables",) if found.title.startswith("$") else ())
        problems.append(_at(document, path, found.message, "error" if found.wrong else "warning"))
    failed = any(problem.severity == "error" for problem in problems)
    return ShortRead(None if failed else board, problems)


def _told(error: ValidationError, document: Document) -> list[Problem]:
    """Of a choice between forms, what is wrong with the form that was meant."""
    problems = list(explained(_of_one_form(error), _FORM, document, ()))
    return list({(one.line, one.column): one for one in reversed(problems)}.values())[::-1]


def _of_one_form(error: ValidationError) -> ValidationError:
    details: list[Any] = []
    for one in error.errors(include_url=False):
        loc = tuple(part for part in one["loc"] if not _names_a_form(part))
        details.append({"type": one["type"], "loc": loc, "input": one["input"], "ctx": one.get("ctx", {})})
    longest: dict[Any, Any] = {}
    for one in details:
        loc = one["loc"]
        if not any(other["loc"][: len(loc)] == loc and len(other["loc"]) > len(loc) for other in details):
            longest.setdefault(loc, one)
    return ValidationError.from_exception_data("dashboard", list(longest.values()))


def _names_a_form(part: Any) -> bool:
    """Pydantic puts the form's name into the path."""
    return isinstance(part, str) and (
        part.startswith(("Short", "tuple[", "constrained-", "literal[", "dict[", "function-")) or part in _PLAIN
    )


_PLAIN = {"str", "float", "int", "bool"}


def _at(document: Document, path: Path, message: str, severity: Any) -> Problem:
    found = document.problem(path, message)
    return Problem(found.file, found.line, found.column, message, severity)
