"""How long each signal is kept: TTLs of the tables, changed when the setting changes."""

from collections.abc import Mapping

from midwatch.server.model.signal import Signal
from midwatch.server.store.client import QueryClass, Store

_TABLES = {
    Signal.TRACES: (
        ("spans", "Timestamp"),
        ("trace_index", "Start"),
        ("service_red", "Minute"),
        ("service_edges", "Minute"),
        ("service_edge_blocks", "Block"),
    ),
    Signal.LOGS: (("logs", "Timestamp"), ("log_volume", "Minute")),
    Signal.METRICS: (
        ("metric_points", "Timestamp"),
        ("metric_series", "LastTime"),
        ("metric_samples", "Timestamp"),
        ("metric_histograms", "Timestamp"),
        ("metric_exemplars", "Timestamp"),
        ("metric_metadata", "LastSeen"),
        ("metric_names", "LastSeen"),
    ),
    Signal.ERRORS: (("error_events", "Timestamp"), ("error_volume", "Minute")),
    Signal.EVENTS: (("product_events", "Timestamp"),),
    Signal.DOMAIN_EVENTS: (("domain_events", "Timestamp"), ("entity_latest", "LastTime")),
}
_OF_SEVERAL = (("id_index", "Start", (Signal.TRACES, Signal.LOGS, Signal.ERRORS, Signal.EVENTS)),)
"""Kept as long as any of these."""


async def apply_retention(store: Store, days: Mapping[Signal, float]) -> None:
    """Set the tables' TTLs; 0 days keeps for ever. Parts go as a whole, a day at a time."""
    for signal, tables in _TABLES.items():
        for table, moment in tables:
            await _keep(store, table, moment, days[signal])
    for table, moment, signals in _OF_SEVERAL:
        kept = [days[signal] for signal in signals]
        await _keep(store, table, moment, max(kept) if all(kept) else 0)


async def _keep(store: Store, table: str, moment: str, days: float) -> None:
    seconds = int(days * 86_400)
    if seconds:
        await _alter(store, f"ALTER TABLE {table} MODIFY TTL {moment} + INTERVAL {seconds} SECOND")
        return
    found = await store.rows(
        "SELECT create_table_query LIKE '% TTL %' AS has FROM system.tables"
        " WHERE database = currentDatabase() AND name = {name:String}",
        {"name": store.layout.stored(table)},
        query_class=QueryClass.INGEST,
    )
    if found[0]["has"]:
        await _alter(store, f"ALTER TABLE {table} REMOVE TTL")


async def _alter(store: Store, statement: str) -> None:
    for one in store.layout.ddl(statement):
        await store.execute(one, settings={"materialize_ttl_after_modify": 0})
