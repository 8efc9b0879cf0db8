"""Which metrics and labels make the series that are over a limit: what to look at first."""

from typing import Any, Protocol

from midwatch.server.store.staging import OF_SERIES

EXAMPLES_MAX = 10_000
"""Refused series that are looked at, the newest first."""
_WORST = f"""SELECT key, reason, name, label, toUInt64(values) AS values FROM (
    SELECT key, reason, name, label, uniqExact(text) AS values, any(rows) AS rows FROM (
        SELECT key, reason, name, pairs, count() OVER (PARTITION BY key, reason, name) AS rows FROM (
            SELECT toString(KeyId) AS key, toString(Reason) AS reason, JSONExtractString(Item, 'name') AS name,
                JSONExtractKeysAndValues(JSONExtractString(Item, 'labels'), 'String') AS pairs
            FROM set_aside WHERE Signal = 'metrics' AND startsWith(Reason, '{OF_SERIES}')
                AND ReceivedAt >= toDateTime({{start:Int64}}) AND ReceivedAt < toDateTime({{end:Int64}})
            ORDER BY ReceivedAt DESC LIMIT {EXAMPLES_MAX})
    ) ARRAY JOIN pairs.1 AS label, pairs.2 AS text
    GROUP BY key, reason, name, label
) ORDER BY rows DESC, values DESC, label LIMIT 1 BY key, reason"""


class Rows(Protocol):
    async def rows(self, sql: str, params: dict[str, Any] | None = None) -> list[dict[str, Any]]: ...


async def worst_series(store: Rows, start: int, end: int) -> dict[tuple[str, str], str]:
    """By key and reason a sentence that names the metric with the most refused series and its widest label; times in
    seconds."""
    return {
        (row["key"], row["reason"]): f"Most are of {row['name']}, whose label {row['label']} has the most values"
        f" ({row['values']:,} among the last refused): leave it out at the sender, or raise the limit."
        " Series that were there already go on."
        for row in await store.rows(_WORST, {"start": start, "end": end})
    }
