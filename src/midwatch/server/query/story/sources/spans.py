"""Spans: whole traces."""

from typing import Any

from midwatch.server.query.source import Source
from midwatch.server.query.story import links
from midwatch.server.query.story.asking import Asked, told
from midwatch.server.query.story.lines import Line, LineKind
from midwatch.server.query.story.sources.shape import first_of, ids_in

_COLUMNS = f"""toUnixTimestamp64Nano(Timestamp) AS ts, TraceId AS trace_id, SpanId AS span_id,
    ParentSpanId AS parent, toString(SpanName) AS name, toString(SpanKind) AS kind, toString(ServiceName) AS service,
    toString(Environment) AS env, toString(StatusCode) AS status, substringUTF8(StatusMessage, 1, 500) AS message,
    Duration AS duration, arraySlice(`Links.TraceId`, 1, 20) AS link_traces, {told("SpanAttributes")}"""


class Spans:
    name = "spans"

    def __init__(self, source: Source) -> None:
        self._source = source

    async def lines(self, asked: Asked) -> list[Line]:
        if not asked.traces:
            return []
        where = asked.where("false")
        rows = await self._source.rows(
            f"SELECT {_COLUMNS} FROM spans WHERE {where} ORDER BY Timestamp, SpanId LIMIT {{limit:UInt32}}",
            asked.params,
        )
        return [_line(row) for row in rows]


def _line(row: dict[str, Any]) -> Line:
    facts = row["facts"]
    failed = row["status"] == "error"
    return Line(
        key=f"span-{row['trace_id']}-{row['span_id']}",
        time_ns=row["ts"],
        kind=LineKind.JOB if facts.get("job.name") or _is_task(facts) else LineKind.SPAN,
        service=row["service"],
        environment=row["env"],
        level="error" if failed else "info",
        title=row["name"],
        detail=_detail(row["message"], facts),
        ids=ids_in(row),
        link=links.trace(row["trace_id"], row["span_id"]),
        failed=failed,
        duration_ns=row["duration"],
        trace_id=row["trace_id"],
        span_id=row["span_id"],
        parent_span_id=row["parent"],
        span_kind=row["kind"],
        links_to=tuple(one for one in row["link_traces"] if one and one != row["trace_id"]),
        facts=facts,
    )


def _is_task(facts: dict[str, str]) -> bool:
    """A queue's message that is worked on."""
    return facts.get("messaging.operation.name") == "process" and facts.get("messaging.system") in {
        "arq",
        "celery",
        "rq",
    }


def _detail(message: str, facts: dict[str, str]) -> str:
    said = [message or first_of(facts, "error.type"), facts.get("http.response.status_code", "")]
    return ", ".join(part for part in (*said, facts.get("job.status", "")) if part)
