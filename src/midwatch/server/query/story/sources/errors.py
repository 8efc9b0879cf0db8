"""Errors, each once whoever told of it."""

from typing import Any

from midwatch.server.model.story_id import IdKind
from midwatch.server.query.source import Source
from midwatch.server.query.story import links
from midwatch.server.query.story.asking import Asked, matching, told
from midwatch.server.query.story.lines import TEXT_CHARACTERS_MAX, Line, LineKind
from midwatch.server.query.story.sources.shape import ids_in
from midwatch.server.store.id_index import USER_ID

_COLUMNS = f"""toUnixTimestamp64Nano(Timestamp) AS ts, EventId AS event_id, TraceId AS trace_id, SpanId AS span_id,
    toString(ServiceName) AS service, toString(Environment) AS env, toString(Level) AS level,
    substringUTF8(Title, 1, {TEXT_CHARACTERS_MAX}) AS title, substringUTF8(Culprit, 1, 200) AS culprit,
    Handled AS handled, ReplayId AS replay_id, SessionId AS session_id, {USER_ID} AS user_id, {told("Tags")}"""
_BY_ID = f"""({matching("Tags")})
    OR (UserKey != '' AND has({{ids:Array(String)}}, concat('{IdKind.USER}:', {USER_ID})))
    OR (SessionId != '' AND has({{ids:Array(String)}}, concat('{IdKind.SESSION}:', SessionId)))"""
_LEVELS = {"warning": "warn"}


class Errors:
    name = "errors"

    def __init__(self, source: Source) -> None:
        self._source = source

    async def lines(self, asked: Asked) -> list[Line]:
        rows = await self._source.rows(
            f"""SELECT {_COLUMNS} FROM error_events WHERE {asked.where(_BY_ID)} AND NOT Duplicate
            ORDER BY Timestamp, EventId LIMIT {{limit:UInt32}}""",
            asked.params,
        )
        return [_line(row) for row in rows]


def _line(row: dict[str, Any]) -> Line:
    level = _LEVELS.get(row["level"], row["level"])
    return Line(
        key=f"error-{row['event_id']}",
        time_ns=row["ts"],
        kind=LineKind.ERROR,
        service=row["service"],
        environment=row["env"],
        level=level,
        title=row["title"],
        detail=", ".join(part for part in (row["culprit"], "" if row["handled"] else "unhandled") if part),
        ids=ids_in(row, (IdKind.USER, "user_id"), (IdKind.SESSION, "session_id")),
        link=links.error(row["event_id"]),
        failed=level in ("error", "fatal"),
        trace_id=row["trace_id"],
        span_id=row["span_id"],
        facts={**row["facts"], "replay_id": row["replay_id"]},
    )
