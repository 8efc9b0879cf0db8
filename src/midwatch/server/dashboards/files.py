"""The files of a plan's `dashboards/`: Grafana's JSON and our YAML."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from midwatch.contract.plan import Problem
from midwatch.contract.plan.readers import FileReader, ReadFiles
from midwatch.server.dashboards.check import check
from midwatch.server.dashboards.grafana.read import read_grafana
from midwatch.server.dashboards.locate import panel_path, position
from midwatch.server.dashboards.report import Refused, Report
from midwatch.server.dashboards.short.read import read_short
from midwatch.server.schemas.dashboards.board import Dashboard

FOLDER = "dashboards"
DEPTH_MAX = 200
"""Of JSON; boards nest about ten deep, and Python's parser may recurse no deeper than a thousand."""


@dataclass(frozen=True, slots=True)
class BoardText:
    """A board as it was read from a text. `original` is Grafana's JSON."""

    dashboard: Dashboard
    report: Report
    original: dict[str, Any] | None
    text: str
    file: str = ""


class Unreadable(Exception):
    """A text that is no dashboard; has the problems."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(problem.message for problem in problems[:5]))
        self.problems = problems


def read_board(
    file: str, text: str, form: Literal["grafana", "midwatch"] | None = None, *, uid: str | None = None
) -> tuple[BoardText, list[Problem]]:
    """The board, and what is remarkable about it. Without a form, JSON is Grafana's and everything else ours.

    Raises:
        Unreadable: with every reason.
    """
    if form is None:
        form = "grafana" if file.endswith(".json") or text.lstrip()[:1] == "{" else "midwatch"
    if form == "grafana":
        return _grafana(file, text, uid)
    read = read_short(file, text)
    if read.dashboard is None:
        raise Unreadable(read.problems)
    board = read.dashboard if uid is None else read.dashboard.model_copy(update={"uid": uid})
    return BoardText(board, Report(panels=len(board.panels)), None, text, file), read.problems


def _grafana(file: str, text: str, uid: str | None) -> tuple[BoardText, list[Problem]]:
    source = _parsed(file, text)
    try:
        found = read_grafana(source, uid=uid)
    except Refused as reason:
        raise Unreadable([Problem(file, 1, 1, str(reason))]) from None
    except RecursionError:
        raise Unreadable([Problem(file, 1, 1, f"expected JSON nested at most {DEPTH_MAX} deep")]) from None
    remarks = [
        (one.panel, one.title, f"panel {one.title!r} is not drawn: {one.reason}") for one in found.report.refused
    ]
    remarks += [(one.panel, one.title, f"panel {one.title!r}: {one.message}") for one in check(found.dashboard)]
    problems = []
    for panel, title, message in remarks:
        path = panel_path(source, panel, title) if panel is not None else None
        problems.append(Problem(file, *position(text, path or ()), message, "warning"))
    return BoardText(found.dashboard, found.report, source, text, file), problems


def _parsed(file: str, text: str) -> Any:
    try:
        found = json.loads(text, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise Unreadable([Problem(file, error.lineno, error.colno, f"cannot read this as JSON: {error.msg}")]) from None
    except (ValueError, RecursionError) as error:
        reason = str(error) if isinstance(error, ValueError) else f"it nests over {DEPTH_MAX} deep"
        raise Unreadable([Problem(file, 1, 1, f"cannot read this as JSON: {reason}")]) from None
    if (why := not_kept(found)) is not None:
        raise Unreadable([Problem(file, 1, 1, why)])
    return found


def not_kept(source: Any) -> str | None:
    """Why JSON cannot be kept and given back; None where it can."""
    if _depth(source) > DEPTH_MAX:
        return f"expected JSON nested at most {DEPTH_MAX} deep"
    try:
        json.dumps(source, ensure_ascii=False, allow_nan=False).encode()
    except UnicodeEncodeError as error:
        return f"expected text that is Unicode; it has the half of a pair, \\u{ord(error.object[error.start]):04x}"
    except ValueError:
        return "expected numbers that JSON has; it has NaN or Infinity"
    return None


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON's")


def _depth(value: Any) -> int:
    """Without recursion: that is what it guards."""
    deepest, level = 0, [value]
    while level and deepest <= DEPTH_MAX:
        deepest += 1
        inner = [one.values() if isinstance(one, dict) else one for one in level if isinstance(one, dict | list)]
        level = [each for one in inner for each in one]
    return deepest


def read_plan_boards(files: Mapping[str, str]) -> ReadFiles:
    """All boards of a plan; the first of two with one uid stays, the second is an error."""
    values: dict[str, BoardText] = {}
    told: dict[str, str] = {}
    problems: list[Problem] = []
    owners: dict[str, str] = {}
    for file, text in sorted(files.items()):
        try:
            board, found = read_board(file, text)
        except Unreadable as error:
            problems += error.problems
            continue
        problems += found
        uid = board.dashboard.uid
        if uid in owners:
            message = f"uid={uid}: expected one of its own; {owners[uid]} has it"
            problems.append(Problem(file, *_of_uid(file, text), message))
            continue
        owners[uid] = file
        values[file] = board
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        told[file.removeprefix(f"{FOLDER}/")] = f"{board.dashboard.title}, {board.report.panels} panels ({digest})"
    return ReadFiles(values, told, tuple(problems))


def _of_uid(file: str, text: str) -> tuple[int, int]:
    if file.endswith(".json"):
        return position(text, ("uid",))
    line = next((at for at, one in enumerate(text.splitlines(), start=1) if one.startswith("uid:")), 1)
    return line, 1


DASHBOARD_FILES = FileReader(FOLDER, read_plan_boards)
