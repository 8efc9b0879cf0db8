"""What somebody did in the product."""

from typing import Any

from midwatch.server.model.story_id import IdKind
from midwatch.server.query.source import Source
from midwatch.server.query.story import links
from midwatch.server.query.story.asking import Asked, matching, told
from midwatch.server.query.story.lines import Line, LineKind
from midwatch.server.query.story.sources.shape import ids_in

_COLUMNS = f"""toUnixTimestamp64Nano(Timestamp) AS ts, Uuid AS uuid, toString(Event) AS event, DistinctId AS user,
    SessionId AS session_id, toString(ServiceName) AS service, toString(Environment) AS env, TraceId AS trace_id,
    SpanId AS span_id, substringUTF8(Path, 1, 300) AS path, {told("Properties")}"""
_BY_ID = f"""({matching("Properties")})
    OR has({{ids:Array(String)}}, concat('{IdKind.USER}:', DistinctId))
    OR (SessionId != '' AND has({{ids:Array(String)}}, concat('{IdKind.SESSION}:', SessionId)))"""


class ProductEvents:
    name = "product events"

    def __init__(self, source: Source) -> None:
        self._source = source

    async def lines(self, asked: Asked) -> list[Line]:
        rows = await self._source.rows(
            f"""SELECT {_COLUMNS} FROM product_events WHERE {asked.where(_BY_ID)}
            ORDER BY Timestamp, Uuid LIMIT {{limit:UInt32}}""",
            asked.params,
        )
        return [_line(row) for row in rows]


def _line(row: dict[str, Any]) -> Line:
    return Line(
        key=f"product-{row['uuid']}",
        time_ns=row["ts"],
        kind=LineKind.PRODUCT,
        service=row["service"],
        environment=row["env"],
        title=row["event"],
        detail=row["path"],
        ids=ids_in(row, (IdKind.USER, "user"), (IdKind.SESSION, "session_id")),
        link=links.person(row["user"], row["ts"]),
        trace_id=row["trace_id"],
        span_id=row["span_id"],
        facts=row["facts"],
    )
