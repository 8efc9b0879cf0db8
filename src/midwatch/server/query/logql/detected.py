"""What lines have in them, as Grafana's log views ask it: labels by number of values, fields with type and parser."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from midwatch.server.promql.matchers import Matcher
from midwatch.server.promql.syntax.ast import Span
from midwatch.server.query.logql.sql import labels, parsers
from midwatch.server.query.logql.sql.params import Params, bounded
from midwatch.server.query.logql.sql.pipeline import Pipeline
from midwatch.server.query.logql.syntax.ast import LogQuery
from midwatch.server.query.logql.syntax.units import bytes_of, seconds_of
from midwatch.server.query.source import Scope, Source

LABELS_MAX = 1_000
VALUES_SEEN_MAX = 20
"""Of a field: its type is told from these."""
NO_PARSER, JSON, LOGFMT = "", "json", "logfmt"


@dataclass(frozen=True, slots=True)
class Field:
    """`parser` is what finds it in a line; empty for structured metadata and for what the query itself found."""

    name: str
    parser: str
    type: str
    cardinality: int


class Detection:
    def __init__(self, source: Source) -> None:
        self._source = source

    async def labels(self, scope: Scope, matchers: tuple[Matcher, ...]) -> list[tuple[str, int]]:
        """Labels of streams with the number of their values; those with the fewest first."""
        params = Params(scope.params)
        relation = Pipeline(LogQuery(matchers, (), Span(0, 0)), scope.where(), params).relation
        found = f"arrayJoin(mapFilter((k, v) -> v != '', {labels.stream_map()}))"
        sql = (
            f"SELECT pair.1 AS name, uniq(pair.2) AS distinct FROM (SELECT {found} AS pair FROM {relation})"
            f" GROUP BY name ORDER BY distinct, name LIMIT {LABELS_MAX}"
        )
        return [(row["name"], int(row["distinct"])) for row in await self._source.rows(sql, params.values)]

    async def fields(self, scope: Scope, query: LogQuery, *, lines: int, most: int) -> list[Field]:
        """Of the newest lines: `most` fields, the most frequent first."""
        params = Params(scope.params)
        sql = (
            f"SELECT name, groupUniqArray(parser) AS parsers, uniq(value) AS distinct,"
            f" groupUniqArray({VALUES_SEEN_MAX})(value) AS seen FROM ({_pairs(query, scope, params)})"
            " GROUP BY name ORDER BY count() DESC, name LIMIT {most:UInt32}"
        )
        rows = await self._source.rows(bounded(sql), {**params.values, "lines": lines, "most": most})
        return [_field(row) for row in rows]

    async def values(self, scope: Scope, query: LogQuery, name: str, *, lines: int, most: int) -> list[str]:
        """Values of one field in the newest lines, the most frequent first."""
        params = Params(scope.params)
        sql = (
            f"SELECT value FROM ({_pairs(query, scope, params)}) WHERE name = {params.text(name)}"
            " GROUP BY value ORDER BY count() DESC, value LIMIT {most:UInt32}"
        )
        rows = await self._source.rows(bounded(sql), {**params.values, "lines": lines, "most": most})
        return [row["value"] for row in rows]


def _pairs(query: LogQuery, scope: Scope, params: Params) -> str:
    """Rows of `name`, `value` and `parser`: what each of the newest lines has in it."""
    pipeline = Pipeline(query, scope.where(), params)
    given = f"mapUpdate({labels.metadata_map()}, {pipeline.parsed or parsers.EMPTY})"
    order = "ORDER BY Timestamp DESC, Segment DESC, SegmentRow DESC LIMIT {lines:UInt32}"
    newest = f"SELECT {pipeline.line} AS line, {given} AS given, ResourceAttributes FROM {pipeline.relation} {order}"
    is_json = parsers.is_object("line")
    own = f"if({is_json}, {parsers.json_map('line')}, {parsers.logfmt_map('line')})"
    kinds = f"SELECT given, {own} AS own, if({is_json}, '{JSON}', '{LOGFMT}') AS found_by FROM ({newest})"
    left = "mapFilter((k, v) -> NOT mapContains(given, k), own)"
    all_of = (
        f"arrayConcat(arrayMap(p -> (p.1, p.2, '{NO_PARSER}'), CAST(given, 'Array(Tuple(String, String))')),"
        f" arrayMap(p -> (p.1, p.2, found_by), CAST({left}, 'Array(Tuple(String, String))')))"
    )
    triples = f"SELECT arrayJoin({all_of}) AS found FROM ({kinds})"
    return (
        f"SELECT found.1 AS name, found.2 AS value, found.3 AS parser FROM ({triples})"
        " WHERE name NOT IN ('', '__error__', '__error_details__') AND value != ''"
    )


def _field(row: dict[str, Any]) -> Field:
    parser = next((one for one in sorted(row["parsers"]) if one != NO_PARSER), NO_PARSER)
    return Field(row["name"], parser, type_of(row["seen"]), int(row["distinct"]))


def type_of(values: Sequence[str]) -> str:
    """The narrowest of Loki's types that all of these values are of; `string` where there is none."""
    for name, reads in _TYPES:
        if values and all(reads(value) for value in values):
            return name
    return "string"


def _is_int(text: str) -> bool:
    return text.isascii() and text.removeprefix("-").isdigit()


def _is_float(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return "_" not in text


_TYPES = (
    ("int", _is_int),
    ("float", _is_float),
    ("boolean", lambda text: text in ("true", "false")),
    ("duration", lambda text: seconds_of(text.removeprefix("-")) is not None),
    ("bytes", lambda text: bytes_of(text) is not None),
)
