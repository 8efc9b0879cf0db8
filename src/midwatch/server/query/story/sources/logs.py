"""Log records; those that are domain events are told by `domain_events.py`."""

from typing import Any

from midwatch.server.query.source import Source
from midwatch.server.query.story import links
from midwatch.server.query.story.asking import Asked, matching, told
from midwatch.server.query.story.lines import TEXT_CHARACTERS_MAX, Line, LineKind
from midwatch.server.query.story.sources import domain_events
from midwatch.server.query.story.sources.shape import first_of, ids_in, is_about_message

_COLUMNS = f"""toUnixTimestamp64Nano(Timestamp) AS ts, TraceId AS trace_id, SpanId AS span_id,
    toString(ServiceName) AS service, toString(Environment) AS env, toString(Level) AS level,
    toString(EventName) AS event, substringUTF8(Body, 1, {TEXT_CHARACTERS_MAX}) AS body,
    lower(hex(Segment)) AS segment, SegmentRow AS row, {told("LogAttributes")}"""
_BY_ID = f"({matching('LogAttributes')})"


class Logs:
    name = "log records"

    def __init__(self, source: Source) -> None:
        self._source = source

    async def lines(self, asked: Asked) -> list[Line]:
        rows = await self._source.rows(
            f"""SELECT {_COLUMNS} FROM logs WHERE {asked.where(_BY_ID)}
            ORDER BY Timestamp, Segment, SegmentRow LIMIT {{limit:UInt32}}""",
            asked.params,
        )
        return [_line(row) for row in rows]


def _line(row: dict[str, Any]) -> Line:
    facts, ids = row["facts"], ids_in(row)
    is_event = domain_events.is_event(row["event"], facts)
    line_id = f"{row['segment']}-{row['row']}-{row['ts']}"
    kind = LineKind.EVENT if is_event else LineKind.LOG
    return Line(
        key=f"log-{line_id}",
        time_ns=row["ts"],
        kind=LineKind.MESSAGE if is_about_message(ids) else kind,
        service=row["service"],
        environment=row["env"],
        level=row["level"],
        title=(row["event"] or row["body"]) if is_event else (row["body"] or row["event"]),
        detail=domain_events.detail_of(facts) if is_event else _detail(facts),
        ids=ids,
        link=links.log(line_id, row["ts"], row["trace_id"]),
        failed=row["level"] in ("error", "fatal"),
        trace_id=row["trace_id"],
        span_id=row["span_id"],
        facts=facts,
    )


def _detail(facts: dict[str, str]) -> str:
    error = first_of(facts, "exception.type", "error.type")
    message = first_of(facts, "exception.message", "error.message")
    return ": ".join(part for part in (error, message) if part) or first_of(facts, "status")
