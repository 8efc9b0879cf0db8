"""State machines: which states entities are in, what led from one to another, what should not have, who is stuck."""

import time
from collections import defaultdict
from typing import Any

from midwatch.contract.plan.sections.entities import Entity
from midwatch.server.model.clock import Clock
from midwatch.server.model.timerange import format_time, parse_time
from midwatch.server.query.events.events import COLUMNS, EventQueries
from midwatch.server.query.events.planned import PlannedEntities, is_legal
from midwatch.server.query.source import Scope, Source
from midwatch.server.schemas.base import QueryStats
from midwatch.server.schemas.events import (
    EntityHistory,
    EntityKind,
    EntityKinds,
    StateMachine,
    StateNow,
    StuckEntity,
    Transition,
)

STUCK_MAX = 100
ILLEGAL_MAX = 50
TRANSITIONS_MAX = 500
PARTS = 40
"""Of a range, for transitions over time."""
KINDS_MAX = 200
COUNTS_MAX = 10_000


class StateMachines:
    def __init__(self, source: Source, events: EventQueries, planned: PlannedEntities, clock: Clock) -> None:
        self._source, self._events, self._planned, self._clock = source, events, planned, clock

    async def kinds(self, scope: Scope) -> EntityKinds:
        """Those of the plan, and those that have events in the range or states now."""
        now = {row["kind"]: row for row in await self._kinds_now(scope)}
        moved: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for row in await self._transitions(scope, ""):
            counts = moved[row["kind"]]
            counts[0] += row["n"]
            if not is_legal(self._planned.kinds.get(row["kind"]), row["before"], row["after"]):
                counts[1] += row["n"]
        names = sorted({*self._planned.kinds, *now, *moved})[:KINDS_MAX]
        return EntityKinds(
            kinds=[
                EntityKind(
                    type=name,
                    planned=name in self._planned.kinds,
                    entities=now[name]["entities"] if name in now else 0,
                    stuck=now[name]["stuck"] if name in now else 0,
                    transitions=moved[name][0],
                    illegal=moved[name][1],
                )
                for name in names
            ]
        )

    async def machine(self, scope: Scope, kind: str) -> StateMachine:
        started = time.perf_counter()
        entity = self._planned.kinds.get(kind)
        states = await self._states_now(scope, kind)
        stuck = await self._stuck(scope, kind) if entity is not None and entity.stuck_after else []
        rows = await self._transitions(scope, kind)
        illegal = await self._illegal(scope, kind, rows, entity)
        step = max(1.0, scope.span.seconds / PARTS)
        parts = int(-(-scope.span.seconds // step))
        return StateMachine(
            type=kind,
            description="" if entity is None else entity.description,
            planned=entity is not None,
            states=_states(entity, states),
            transitions=_moves(entity, rows, parts),
            times=[format_time(scope.span.start_ns + int(part * step * 1e9)) for part in range(parts)],
            step_seconds=step,
            illegal=illegal,
            stuck=stuck[:STUCK_MAX],
            partial=len(stuck) > STUCK_MAX or len(rows) >= TRANSITIONS_MAX * PARTS,
            stats=QueryStats(elapsed_ms=(time.perf_counter() - started) * 1000),
        )

    async def history(self, scope: Scope, kind: str, entity_id: str) -> EntityHistory:
        """Of any time: the range of the scope says nothing here."""
        started = time.perf_counter()
        events, more = await self._events.of_entity(scope.project, scope.environments, kind, entity_id)
        last = next((event for event in events if event.to_state), None)
        entity = self._planned.kinds.get(kind)
        after = entity.stuck_after.get(last.to_state) if entity is not None and last is not None else None
        waited_ns = 0 if last is None else self._clock.now_ns() - parse_time(last.time, now_ns=0)
        return EntityHistory(
            type=kind,
            id=entity_id,
            state=None if last is None else last.to_state,
            since=None if last is None else last.time,
            stuck_after_seconds=after,
            stuck=after is not None and waited_ns > after * 1e9,
            events=events,
            more=more,
            stats=QueryStats(elapsed_ms=(time.perf_counter() - started) * 1000),
        )

    async def _kinds_now(self, scope: Scope) -> list[dict[str, Any]]:
        params = _of(scope)
        stuck = stuck_condition(self._planned.kinds, params, self._clock.now_ns())
        return await self._source.rows(
            f"""SELECT kind, count() AS entities, countIf({stuck}) AS stuck FROM ({latest(scope)})
            GROUP BY kind ORDER BY entities DESC LIMIT {KINDS_MAX}""",
            params,
        )

    async def _states_now(self, scope: Scope, kind: str) -> list[dict[str, Any]]:
        params = {**_of(scope), "kind": kind}
        stuck = stuck_condition(self._planned.kinds, params, self._clock.now_ns())
        return await self._source.rows(
            f"""SELECT state, count() AS n, countIf({stuck}) AS stuck
            FROM ({latest(scope, "EntityType = {kind:String}")}) GROUP BY state ORDER BY n DESC LIMIT 200""",
            params,
        )

    async def _stuck(self, scope: Scope, kind: str) -> list[StuckEntity]:
        now = self._clock.now_ns()
        params = {**_of(scope), "kind": kind}
        stuck = stuck_condition(self._planned.kinds, params, now)
        rows = await self._source.rows(
            f"""SELECT id, environment, state, since FROM ({latest(scope, "EntityType = {kind:String}")})
            WHERE {stuck} ORDER BY since, id LIMIT {STUCK_MAX + 1}""",
            params,
        )
        return [
            StuckEntity(
                id=row["id"],
                environment=row["environment"],
                state=row["state"],
                since=format_time(row["since"]),
                seconds=(now - row["since"]) / 1e9,
            )
            for row in rows
        ]

    async def _transitions(self, scope: Scope, kind: str) -> list[dict[str, Any]]:
        """By part of the range; `kind` empty: of all kinds, and the range as one."""
        params = {**scope.params, "kind": kind, "step": max(1_000_000_000, int(scope.span.seconds / PARTS * 1e9))}
        part = "intDiv(toUnixTimestamp64Nano(Timestamp) - {start:Int64}, {step:Int64})" if kind else "toInt64(0)"
        of_kind = "EntityType = {kind:String}" if kind else "EntityType != ''"
        return await self._source.rows(
            f"""SELECT toString(EntityType) AS kind, toString(StateFrom) AS before, toString(StateTo) AS after,
                {part} AS part, count() AS n FROM domain_events
            WHERE {scope.where()} AND {of_kind} AND StateTo != ''
            GROUP BY kind, before, after, part ORDER BY n DESC LIMIT {TRANSITIONS_MAX * PARTS}""",
            params,
        )

    async def _illegal(self, scope: Scope, kind: str, rows: list[dict[str, Any]], entity: Entity | None) -> list[Any]:
        pairs = {(row["before"], row["after"]) for row in rows}
        wrong = sorted(pair for pair in pairs if not is_legal(entity, *pair))
        if not wrong:
            return []
        params = {**scope.params, "kind": kind, "before": [a for a, _ in wrong], "after": [b for _, b in wrong]}
        found = await self._source.rows(
            f"""SELECT {COLUMNS} FROM domain_events WHERE {scope.where()} AND EntityType = {{kind:String}}
                AND has(arrayZip({{before:Array(String)}}, {{after:Array(String)}}),
                    (toString(StateFrom), toString(StateTo)))
            ORDER BY Timestamp DESC, Position DESC LIMIT {ILLEGAL_MAX}""",
            params,
        )
        return [self._events.shown(row) for row in found]


def latest(scope: Scope | None, condition: str = "1") -> str:
    """A SELECT of the state that each entity is in now: kind, environment, id, state, since in nanoseconds."""
    where = f"({condition})"
    if scope is not None:
        where += " AND Project = {project:UInt32}"
        if scope.environments:
            where += " AND Environment IN {environments:Array(String)}"
    return f"""SELECT Project AS project, toString(EntityType) AS kind, toString(Environment) AS environment,
            EntityId AS id, argMaxMerge(State) AS state, toUnixTimestamp64Nano(argMaxMerge(Since)) AS since
        FROM entity_latest WHERE {where} GROUP BY Project, EntityType, Environment, EntityId"""


def stuck_condition(kinds: dict[str, Entity], params: dict[str, Any], now_ns: int) -> str:
    """Whether a row of `latest` is in its state for longer than the plan says."""
    told = [(kind, state, seconds) for kind, one in kinds.items() for state, seconds in one.stuck_after.items()]
    params |= {
        "stuck_kinds": [kind for kind, _, _ in told],
        "stuck_states": [state for _, state, _ in told],
        # The end is what nothing is before of: a state that the plan says nothing of is the last of the list.
        "stuck_before": [*(now_ns - int(seconds * 1e9) for _, _, seconds in told), -(2**63)],
    }
    place = "indexOf(arrayZip({stuck_kinds:Array(String)}, {stuck_states:Array(String)}), (kind, state))"
    before = "{stuck_before:Array(Int64)}"
    return f"since < {before}[if({place} = 0, -1, toInt64({place}))]"


def counts(kinds: dict[str, Entity], now_ns: int) -> tuple[str, dict[str, Any]]:
    """How many entities are in which state, of these kinds, over all projects: a statement with its parameters."""
    params: dict[str, Any] = {"kinds": list(kinds)}
    stuck = stuck_condition(kinds, params, now_ns)
    sql = f"""SELECT project, kind, environment, state, count() AS n, countIf({stuck}) AS stuck
        FROM ({latest(None, "has({kinds:Array(String)}, EntityType)")})
        GROUP BY project, kind, environment, state ORDER BY n DESC LIMIT {COUNTS_MAX}"""
    return sql, params


def _of(scope: Scope) -> dict[str, Any]:
    found: dict[str, Any] = {"project": scope.project}
    if scope.environments:
        found["environments"] = list(scope.environments)
    return found


def _states(entity: Entity | None, rows: list[dict[str, Any]]) -> list[StateNow]:
    """In the plan's order, then what the plan does not have."""
    by_name = {row["state"]: row for row in rows}
    planned = () if entity is None else entity.states
    total = sum(row["n"] for row in rows)
    found = []
    for state in dict.fromkeys((*planned, *by_name)):
        row = by_name.get(state, {"n": 0, "stuck": 0})
        found.append(
            StateNow(
                state=state,
                known=entity is None or state in planned,
                initial=entity is not None and state == entity.initial,
                terminal=entity is not None and state in entity.ends,
                entities=row["n"],
                share=row["n"] / total if total else 0.0,
                stuck_after_seconds=None if entity is None else entity.stuck_after.get(state),
                stuck=row["stuck"],
            )
        )
    return found


def _moves(entity: Entity | None, rows: list[dict[str, Any]], parts: int) -> list[Transition]:
    points: dict[tuple[str, str], list[int]] = {}
    if entity is not None:
        legal = [(before, after) for before, following in entity.transitions.items() for after in following]
        points = {pair: [0] * parts for pair in (*([("", entity.initial)] if entity.initial else []), *legal)}
    for row in rows:
        counts = points.setdefault((row["before"], row["after"]), [0] * parts)
        counts[min(max(int(row["part"]), 0), parts - 1)] += row["n"]
    left: dict[str, int] = defaultdict(int)
    for (before, _), counts in points.items():
        left[before] += sum(counts)
    return [
        Transition(
            from_state=before,
            to_state=after,
            count=sum(counts),
            share=sum(counts) / left[before] if left[before] else 0.0,
            legal=is_legal(entity, before, after),
            points=counts,
        )
        for (before, after), counts in list(points.items())[:TRANSITIONS_MAX]
    ]
