"""Rows that a question is about, whoever sent them: product events, or log records with the name of an event.

What belongs together is told by a unit: a person (distinct ids that are one; of log records the user's id), a session,
or any property by its name, such as the id of an order.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from midwatch.contract import fields
from midwatch.server.model.errors import BadRequest
from midwatch.server.query.analytics.fields import EVENTS
from midwatch.server.query.search.fields import LOGS, Schema
from midwatch.server.query.search.language import bind, compile_search
from midwatch.server.query.source import Scope

PERSON, SESSION = "person", "session"
SourceName = Literal["events", "logs"]
SCHEMAS: Mapping[SourceName, Schema] = {"events": EVENTS, "logs": LOGS}
_PARAM = re.compile(r"\{(q\d+):")


class Persons(Protocol):
    async def refresh(self, project: int) -> None:
        """Have the store know which ids are one person."""
        ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows: of a source, by the event's name (empty: all), and a search."""

    source: SourceName = "events"
    event: str = ""
    query: str = ""


class Statement:
    """Puts a statement together; its parameters are gathered meanwhile."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.params: dict[str, Any] = dict(scope.params)
        self._searches = 0

    def bind(self, value: str | float | int | list[str]) -> str:
        """A value as SQL writes its parameter."""
        name = f"v{len(self.params)}"
        self.params[name] = value
        kinds = {str: "String", int: "Int64", float: "Float64", list: "Array(String)"}
        return f"{{{name}:{kinds[type(value)]}}}"

    def condition(self, wanted: Wanted) -> str:
        """Whether a row of its source is wanted.

        Raises:
            BadQuery: the search cannot be read.
        """
        column = "Event" if wanted.source == "events" else "EventName"
        named = f"{column} = {self.bind(wanted.event)}" if wanted.event else f"{column} != ''"
        found = compile_search(wanted.query, SCHEMAS[wanted.source])
        return f"({named} AND {self._own(found.sql, found.params)})"

    def field(self, source: SourceName, name: str) -> str:
        """A field as text.

        Raises:
            BadQuery: no name that a field can have.
        """
        params: dict[str, str | float | int] = {}
        text = SCHEMAS[source].field(name, lambda value: bind(params, value)).text
        return f"toString({self._own(text, params)})"

    def unit(self, source: SourceName, unit: str) -> str:
        """What tells whose a row is, as text; empty where it does not say."""
        if unit == PERSON:
            return "DistinctId" if source == "events" else self._user()
        if unit == SESSION:
            return "SessionId" if source == "events" else self.field("logs", fields.SESSION_ID)
        return self.field(source, unit)

    def rows(self, source: SourceName, where: str, unit: str, columns: Mapping[str, str], *, ever: bool = False) -> str:
        """A relation of `Key` (never empty), `At` and these columns. A retry of a sender counts once.

        `ever`: from the beginning of what is kept.
        """
        more = "".join(f", {expression} AS {name}" for name, expression in columns.items())
        once = " LIMIT 1 BY Uuid" if source == "events" else ""
        table = SCHEMAS[source].table
        within = self.scope.where()
        if ever:
            within = "Project = {project:UInt32} AND Timestamp < fromUnixTimestamp64Nano({end:Int64}, 'UTC')"
            within += " AND Environment IN {environments:Array(String)}" if self.scope.environments else ""
        own = (
            f"SELECT {self.unit(source, unit)} AS OwnKey, Timestamp AS At{more} FROM {table}"
            f" WHERE {within} AND {where} AND OwnKey != ''{once}"
        )
        if unit != PERSON:
            return f"(SELECT OwnKey AS Key, * FROM ({own}))"
        return f"""(SELECT if(p.Person != '', p.Person, e.OwnKey) AS Key, e.* FROM ({own}) AS e
            LEFT ANY JOIN ({PERSONS}) AS p ON e.OwnKey = p.Id)"""

    def _user(self) -> str:
        """A log record's user, by the names that teams have for it and PostHog's."""
        parts = [self.field("logs", name) for name in (fields.USER_ID, "distinct_id")]
        return f"if({parts[0]} != '', {parts[0]}, {parts[1]})"

    def _own(self, sql: str, params: Mapping[str, Any]) -> str:
        """A piece of SQL whose parameters get names of their own."""
        if not params:
            return sql
        self._searches += 1
        prefix = f"s{self._searches}"
        self.params |= {f"{prefix}{name}": value for name, value in params.items()}
        return _PARAM.sub(rf"{{{prefix}\1:", sql)


PERSONS = """SELECT DistinctId AS Id, argMax(Person, Version) AS Person FROM persons
            WHERE Project = {project:UInt32} GROUP BY Id"""


def require_unit(unit: str) -> None:
    """
    Raises:
        BadRequest: it is no name.
    """
    if not unit.strip() or len(unit) > 256:
        raise BadRequest(f"unit={unit[:40]!r}: expected person, session, or the name of a property")
