"""Who calls whom: edges from services to services, databases, queues and hosts, computed when spans have settled.

A call has two spans, which come from two services at different times, so an INSERT cannot know it. Instead each block
of five minutes is computed as a whole from `spans` once it is over, and again when spans of it came late. Which blocks
those are, `service_red` tells: it is exact over crashes, and under one writer the newest segment of a block only grows.
So the figures are a function of the stored spans: whatever is killed in between, the next look computes what is
missing. A block whose spans are not all there (one of an unfinished INSERT, or of a day given up) keeps its edges.
"""

import asyncio
import math
import random
import time
from collections.abc import Callable
from typing import Any

import structlog

from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import StoreError
from midwatch.server.store.client import QueryClass, Store

log = structlog.get_logger(__name__)

ALGORITHM = 0
"""One more whenever the same spans give other edges: blocks that an older Midwatch computed are then computed again."""
BLOCK_SECONDS = 300
SETTLE_SECONDS = 60
"""How long after its end a block is first computed; most senders batch for seconds."""
LOOK_SECONDS = 60
RECOMPUTE_SECONDS = 300
"""A block is not computed more often than this, however many spans of it come late."""
RECENT_SECONDS = 3 * 3600
FULL_LOOK_EVERY = 10
"""Every so many looks, not only recent blocks are compared but all."""
BLOCKS_A_LOOK_MAX = 500
INCOMPLETE_SECONDS = 3600
"""How long an old block whose spans are not all there is left alone: most of these are of days given up."""
REPLACED_SECONDS = 600
"""How long the edges of a replaced version stay: readers that began before are long through."""
REPLACED_A_LOOK_MAX = 1000
REST = 9
"""Seconds of rest for each second of computing: beside the ingest, this takes a tenth of one core at most."""
SLICE_SPANS = 3_000_000
"""Spans that are joined at once; a larger block is computed in slices of whole traces."""
PARENT_SECONDS_MAX = 300
"""A caller's span that began longer before the callee's makes no edge."""
CLOCKS_APART_SECONDS = 60
EDGES_MAX = 10_000
TARGET_CHARACTERS_MAX = 200
COLUMNS = "Project, Environment, Source, Target, TargetType, Minute, Count, Errors, Durations"

_ENTRY = "SpanKind IN ('server', 'consumer')"


def _start(time: str, seconds: int) -> str:
    """Start of the interval of so many seconds; `toStartOfInterval` wraps outside of 1970 to 2106."""
    at = f"toUnixTimestamp64Second({time})"
    return f"CAST({at} - positiveModulo({at}, {seconds}) AS DateTime64(0, 'UTC'))"


_SECOND = "CAST(toInt64({%s:Int64}) AS DateTime64(0, 'UTC'))"


SETTLED = f"""SELECT {COLUMNS} FROM service_edges
    WHERE Minute >= {_SECOND % "settled_from"} AND Minute < {_SECOND % "settled_until"} AND (Block, Version) IN (
        SELECT Block, max(Version) FROM service_edge_blocks
        WHERE Block >= {_SECOND % "settled_from"} AND Block < {_SECOND % "settled_until"} GROUP BY Block)"""
"""What counts of `service_edges`, between two starts of blocks in seconds."""


def edges_select(*, slices: int = 1, condition: str = "1") -> str:
    """A SELECT of `COLUMNS` from spans that began in `{from:Int64}` ≤ t < `{to:Int64}`, in seconds.

    With `slices`, only the traces of `{slice:UInt32}`. Figures are multiplied by `{scale:Float64}`.
    """
    if slices > 1:
        condition += f" AND cityHash64(TraceId) % {slices} = {{slice:UInt32}}"

    def spans(before: int, after: int) -> str:
        start, end = f"{{from:Int64}} - {before}", f"{{to:Int64}} + {after}"
        return (
            f"spans PREWHERE Timestamp >= CAST({start} AS DateTime64(9, 'UTC'))"
            f" AND Timestamp < CAST({end} AS DateTime64(9, 'UTC')) AND {condition}"
        )

    figures = "Timestamp, Weight, StatusCode, Duration"
    called = f"""SELECT callee.Project AS Project, callee.Environment AS Environment,
            toString(caller.ServiceName) AS Source, toString(callee.ServiceName) AS Target,
            'service' AS TargetType, {figures}
        FROM (SELECT cityHash64(Project, TraceId, SpanId) AS Id, ServiceName
            FROM {spans(PARENT_SECONDS_MAX, CLOCKS_APART_SECONDS)}) AS caller
        INNER JOIN (SELECT Project, Environment, ServiceName, {figures},
                cityHash64(Project, TraceId, ParentSpanId) AS Caller
            FROM {spans(0, 0)} AND (SpanKind = 'unspecified' OR {_ENTRY}) AND ParentSpanId != '') AS callee
        ON caller.Id = callee.Caller WHERE caller.ServiceName != callee.ServiceName"""
    # Attributes are by far the most to read: PREWHERE spares those of calls that have an answer.
    unanswered = f"""SELECT Project, Environment, toString(ServiceName) AS Source,
            SpanAttributes['db.system.name'] AS Named, if(Named != '', Named, SpanAttributes['db.system']) AS Db,
            SpanAttributes['messaging.system'] AS Messaging,
            SpanAttributes['messaging.destination.name'] AS Destination,
            left(multiIf(Db != '', Db, Messaging != '', trimRight(concat(Messaging, ' ', Destination)),
                SpanAttributes['peer.service'] != '', SpanAttributes['peer.service'],
                SpanAttributes['server.address']), {TARGET_CHARACTERS_MAX}) AS Target,
            multiIf(Db IN ('redis', 'memcached', 'valkey'), 'cache', Db != '', 'database',
                Messaging != '', 'queue', 'external') AS TargetType, {figures}
        FROM {spans(0, 0)} AND SpanKind IN ('client', 'producer')
            AND cityHash64(Project, TraceId, SpanId) GLOBAL NOT IN (SELECT cityHash64(Project, TraceId, ParentSpanId)
                FROM {spans(0, CLOCKS_APART_SECONDS)} AND {_ENTRY} AND ParentSpanId != '')
        WHERE Target != '' AND Target != Source"""
    outward = f"SELECT Project, Environment, Source, Target, TargetType, {figures} FROM ({unanswered})"
    return f"""SELECT Project, Environment, Source, Target, TargetType,
        {_start("Timestamp", 60)} AS Minute,
        sum(Weight * {{scale:Float64}}) AS Count, sumIf(Weight * {{scale:Float64}}, StatusCode = 'error') AS Errors,
        quantilesTDigestWeightedState(0.5, 0.95, 0.99)(
            toFloat32(Duration / 1e6), toUInt32(greatest(1, least(Weight * {{scale:Float64}}, 1000000)))) AS Durations
    FROM ({called} UNION ALL {outward})
    GROUP BY Project, Environment, Source, Target, TargetType, Minute
    ORDER BY Count DESC, Project, Environment, Source, Target, TargetType, Minute LIMIT {EDGES_MAX}"""


class ServiceEdges:
    """Keeps `service_edges` up to date; one server at a time, and should it be two, each version is whole in itself."""

    def __init__(self, store: Store, clock: Clock, *, retention_days: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock
        self._retention_days = retention_days
        self._incomplete: dict[int, float] = {}

    async def run(self) -> None:
        """Look until cancelled."""
        look = 0
        while True:
            try:
                await self.look(everything=look % FULL_LOOK_EVERY == 0)
            except StoreError as error:
                log.warning("edges.failed", error=error.message)
            except Exception:  # ours: said with its trace, and no reason to end the server
                log.exception("edges.failed")
            look += 1
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self, *, everything: bool) -> int:
        """Compute the blocks whose spans or algorithm changed; their number.

        Readers take it that all blocks before the newest are there: new ones go oldest first, and before all others.
        """
        if everything:
            await self._remove_replaced()
        changed = await self._changed(everything=everything)
        for row in changed:
            started = time.perf_counter()
            await self._compute(row)
            await asyncio.sleep((time.perf_counter() - started) * REST)
        return len(changed)

    async def _changed(self, *, everything: bool) -> list[dict[str, Any]]:
        now = self._clock.now_ns() // 10**9
        days = self._retention_days()
        kept_since = now - int(days * 86_400) if days else -(10**10)
        since = kept_since if everything else max(kept_since, now - RECENT_SECONDS)
        apart = self._clock.monotonic() - INCOMPLETE_SECONDS
        self._incomplete = {block: at for block, at in self._incomplete.items() if at > apart}
        # A writer's label and the newest segment under it say which segments a block has (see `writer.Labels`).
        sql = f"""SELECT toInt64(toUnixTimestamp64Second(Block)) AS block, Latest AS version, Seen AS fingerprint,
                Weight AS weight
            FROM (SELECT Block, sum(cityHash64(Project, Writer, Newest)) + {ALGORITHM} AS Seen, sum(Weight) AS Weight
                FROM (
                    SELECT Project, Writer, {_start("Minute", BLOCK_SECONDS)} AS Block,
                        max(LastSegment) AS Newest, sum(Count) AS Weight
                    FROM service_red WHERE Minute >= {_SECOND % "since"} AND Minute < {_SECOND % "until"}
                    GROUP BY Project, Writer, Block) GROUP BY Block) AS seen
            LEFT JOIN (SELECT Block, max(Version) AS Latest, argMax(Fingerprint, Version) AS Computed,
                    argMax(ComputedAt, Version) AS At FROM service_edge_blocks GROUP BY Block) AS known
            ON seen.Block = known.Block
            WHERE (Latest = 0 OR (Seen != Computed AND abs(toUnixTimestamp(At) - {{now:Int64}}) >= {RECOMPUTE_SECONDS}))
                AND NOT has({{incomplete:Array(Int64)}}, block)
            ORDER BY Latest != 0, if(Latest = 0, block, -block) LIMIT {BLOCKS_A_LOOK_MAX}"""
        until = (now - SETTLE_SECONDS) // BLOCK_SECONDS * BLOCK_SECONDS
        since = -(-since // BLOCK_SECONDS) * BLOCK_SECONDS
        params = {"since": since, "until": until, "now": now, "incomplete": sorted(self._incomplete)}
        return await self._store.rows(sql, params, query_class=QueryClass.RULES)

    async def _compute(self, changed: dict[str, Any]) -> None:
        block, version = changed["block"], changed["version"]
        params = {"from": block, "to": block + BLOCK_SECONDS, "scale": 1.0}
        found = await self._store.rows(
            f"""SELECT count() AS spans, sum(Weight) AS weight FROM spans
            WHERE Timestamp >= {_SECOND % "from"} AND Timestamp < {_SECOND % "to"}""",
            params,
            query_class=QueryClass.RULES,
        )
        if not math.isclose(found[0]["weight"], changed["weight"], rel_tol=1e-9):
            if block < self._clock.now_ns() // 10**9 - RECENT_SECONDS:
                self._incomplete[block] = self._clock.monotonic()
            return
        slices = 1 + found[0]["spans"] // SLICE_SPANS
        # The low bits tell apart two servers that compute the same block at the same time.
        version = ((version >> 16) + 1 << 16) | random.getrandbits(16)
        insert = f"""INSERT INTO service_edges ({COLUMNS}, Block, Version)
            SELECT {COLUMNS}, {_SECOND % "from"} AS Block, {{version:UInt64}} AS Version
            FROM ({edges_select(slices=slices)})"""
        for number in range(slices):
            await self._run(insert, {**params, "version": version, "slice": number})
        record = f"""INSERT INTO service_edge_blocks (Block, Version, Fingerprint, ComputedAt)
            SELECT {_SECOND % "from"}, {{version:UInt64}}, {{fingerprint:UInt64}},
                CAST({{now:Float64}} AS DateTime64(3, 'UTC'))"""
        now = self._clock.now_ns() / 1e9
        await self._run(record, {**params, "version": version, "fingerprint": changed["fingerprint"], "now": now})

    async def _remove_replaced(self) -> None:
        """Rows of versions that newer ones have replaced, and of computations that were cut off before those.

        With a retention they would go in time; without one, each late span would leave its block's edges once more
        for ever. A version that some server is computing now is newer than the one that is recorded.
        """
        sql = f"""SELECT toInt64(toUnixTimestamp64Second(Block)) AS block, Version AS version FROM service_edges AS made
            INNER JOIN (SELECT Block, max(Version) AS Latest, argMax(ComputedAt, Version) AS At
                FROM service_edge_blocks GROUP BY Block) AS known ON made.Block = known.Block
            WHERE Version != Latest AND bitShiftRight(Version, 16) <= bitShiftRight(Latest, 16)
                AND toUnixTimestamp(At) < {{now:Int64}} - {REPLACED_SECONDS}
            GROUP BY block, version LIMIT {REPLACED_A_LOOK_MAX}"""
        now = self._clock.now_ns() // 10**9
        replaced = await self._store.rows(sql, {"now": now}, query_class=QueryClass.RULES)
        if not replaced:
            return
        pairs = ", ".join(f"({row['block']}, {row['version']})" for row in replaced)
        statement = f"ALTER TABLE service_edges DELETE WHERE (toUnixTimestamp64Second(Block), Version) IN ({pairs})"
        for one in self._store.layout.ddl(statement):
            await self._store.execute(one, query_class=QueryClass.RULES, settings={"mutations_sync": 1})

    async def _run(self, sql: str, params: dict[str, Any]) -> None:
        settings = {"max_threads": 1, "max_execution_time": 250}
        await self._store.execute(sql, params, query_class=QueryClass.RULES, settings=settings)
