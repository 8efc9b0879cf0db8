"""A line that shows what is meant: one that lacks a key."""

from collections.abc import Sequence
from typing import Any

from midwatch.contract import fields
from midwatch.server.query.logs import line_id
from midwatch.server.verify.asked import Asked
from midwatch.server.verify.observed.log_events import EVENT_SQL

EXAMPLES_MAX = 50
"""In one question; further findings have their search alone."""


async def example_lines(asked: Asked, wanted: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Of pairs of an event and a key that some of its lines lack: the id of the newest such line."""
    wanted = wanted[:EXAMPLES_MAX]
    if not wanted:
        return {}
    params: dict[str, Any] = {"declared": [name for name, _ in wanted]}
    columns = []
    for place, (name, key) in enumerate(wanted):
        params |= {f"n{place}": name, f"k{place}": list(fields.names_of(key))}
        has = f"hasAny(keys, {{k{place}:Array(String)}})"
        columns.append(
            f"argMaxIf((lower(hex(Segment)), SegmentRow, ts), ts, name = {{n{place}:String}} AND NOT {has}) AS c{place}"
        )
    sql = f"""SELECT {", ".join(columns)} FROM (
            SELECT {EVENT_SQL} AS name, toUnixTimestamp64Nano(Timestamp) AS ts, Segment, SegmentRow,
                arrayConcat(mapKeys(LogAttributes), mapKeys(ResourceAttributes)) AS keys
            FROM logs WHERE {asked.scope.where()} AND name IN {{declared:Array(String)}})"""
    (found,) = await asked.rows(sql, params)
    ids = {}
    for place, pair in enumerate(wanted):
        segment, row, ts = found[f"c{place}"]
        if ts:
            ids[pair] = line_id(segment, row, ts)
    return ids
