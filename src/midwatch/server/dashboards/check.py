"""What is wrong with a dashboard that its types cannot say: queries that do not parse, names that stand for nothing."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from midwatch.server.dashboards.interpolation import ALL, Chosen, interpolate, named_in
from midwatch.server.dashboards.intervals import built_in
from midwatch.server.promql.errors import ParseError
from midwatch.server.promql.lint import lint
from midwatch.server.promql.syntax import ParserOptions, parse
from midwatch.server.schemas.dashboards.board import BoardPanel, Dashboard
from midwatch.server.schemas.dashboards.queries import BoardQuery
from midwatch.server.schemas.dashboards.variables import BoardVariable

_ALSO_KNOWN = {
    "__all_variables", "__auto", "__dashboard", "__data", "__field", "__name", "__org", "__series", "__timeFilter",
    "__timeRange", "__timezone", "__url_time_range", "__user", "__value", "timeFilter",
}  # fmt: skip
_DAY_MS = 86_400_000
_OPTIONS = ParserOptions.everything()


@dataclass(frozen=True, slots=True)
class Finding:
    """`panel` is a panel's id; None: about the board itself."""

    panel: int | None
    title: str
    message: str
    kind: Literal["ambiguous", "query", "doubtful", "unknown"] = "unknown"
    """Two things of one name; a query that is none, or cannot mean what was meant; a name that stands for nothing."""

    @property
    def wrong(self) -> bool:
        """Of a board that is written by hand it is an error."""
        return self.kind in ("ambiguous", "query")


def check(dashboard: Dashboard) -> list[Finding]:
    """In order of the board. Who asks decides what is an error: a board that is not `ambiguous` can be shown."""
    return list(_findings(dashboard))


def _findings(dashboard: Dashboard) -> Iterator[Finding]:
    names = [one.name for one in dashboard.variables]
    for name, count in Counter(names).items():
        if count > 1:
            yield Finding(None, f"${name}", f"variable={name}: stands here {count} times", "ambiguous")
    for number, count in Counter(panel.id for panel in dashboard.panels).items():
        if count > 1:
            yield Finding(
                number, "", f"id={number}: {count} panels have it; expected one of its own for each", "ambiguous"
            )
    known = set(names)
    values = built_in(0, _DAY_MS) | {one.name: _placeholder(one) for one in dashboard.variables}
    for one in dashboard.variables:
        unknown = _unknown(one.query.match or "", known) if one.query else []
        for name in unknown:
            yield Finding(None, f"${one.name}", f"its query names ${name}, which is no variable of this board")
    for row in dashboard.rows:
        if row.repeat is not None and row.repeat not in known:
            yield Finding(None, row.title or "", f"repeat={row.repeat}: expected a variable of this board")
        for panel in row.panels:
            yield from _of_panel(panel, known, values)


def _of_panel(panel: BoardPanel, known: set[str], values: dict[str, Chosen]) -> Iterator[Finding]:
    if panel.repeat is not None and panel.repeat.variable not in known:
        message = f"repeat={panel.repeat.variable}: expected a variable of this board"
        yield Finding(panel.id, panel.title, message)
    for ref, count in Counter(query.ref for query in panel.queries).items():
        if count > 1:
            message = f"query {ref}: {count} queries of the panel are called so"
            yield Finding(panel.id, panel.title, message, "ambiguous")
    for query in panel.queries:
        for name in _unknown(query.text, known):
            message = f"query {query.ref} names ${name}, which is no variable of this board"
            yield Finding(panel.id, panel.title, message)
        mistake = promql_mistake(query, values)
        if mistake is not None:
            yield Finding(panel.id, panel.title, mistake, "query")
        for doubt in _doubts(query):
            yield Finding(panel.id, panel.title, doubt, "doubtful")


def promql_mistake(query: BoardQuery, values: dict[str, Chosen]) -> str | None:
    """Why a query is no PromQL; None where it is, where it is of another language, and where that cannot be known."""
    if query.language != "promql":
        return None
    text = interpolate(query.text, values, "promql")
    if any(name not in values for name in named_in(query.text) if not name.isdigit()):
        return None
    try:
        parse(text, _OPTIONS)
    except ParseError as error:
        return f"query {query.ref} is no PromQL: {error}"
    return None


def _doubts(query: BoardQuery) -> list[str]:
    """What the lint of PromQL says; of queries without variables, since its mended text has to be theirs."""
    if query.language != "promql" or "$" in query.text:
        return []
    try:
        found = lint(query.text, parse(query.text, _OPTIONS))
    except ParseError:
        return []
    return [f"query {query.ref}: {one.message}" + (f": {one.mended}" if one.mended else "") for one in found]


def _unknown(text: str, known: set[str]) -> list[str]:
    """`$1` is a group of a regular expression."""
    return [name for name in named_in(text) if name not in known | _ALSO_KNOWN | _BUILT_IN and not name.isdigit()]


_BUILT_IN = set(built_in(0, _DAY_MS))


def _placeholder(variable: BoardVariable) -> Chosen:
    """A value such as the variable may have: what it is at first, else its first choice, else a word."""
    if variable.kind == "interval":
        first = next((one.value for one in variable.options), "5m")
        chosen = [one for one in variable.chosen if not one.startswith("$__auto")]
        return Chosen(chosen[:1] or [first])
    values = [one for one in variable.chosen if one and one != ALL]
    values = values or [one.value for one in variable.options[:1]] or ["x"]
    return Chosen(values, many=variable.multi or variable.all)
