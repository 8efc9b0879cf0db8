"""Domain events that entities declare and that never came or stopped, unknown ones, illegal changes, missing keys."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from midwatch.contract.events import TRANSITION
from midwatch.contract.plan.sections import entities
from midwatch.contract.plan.sections.entities import Entities, Entity
from midwatch.contract.plan.telemetry import Declared
from midwatch.server.query.source import Scope
from midwatch.server.verify.asked import Asked
from midwatch.server.verify.coming import Came, judged
from midwatch.server.verify.finding import Finding, Outcome, Row
from midwatch.server.verify.registry import Check
from midwatch.server.verify.words import counted, share

ROWS_MAX = 5000
"""Combinations of type, kind and change of state; the most frequent ones."""
_COLUMNS: Mapping[str, str] = {
    "actor": "ActorId",
    "correlation_id": "CorrelationId",
    "before": "Before",
    "after": "After",
    "sequence": "if(Sequence < 0, '', toString(Sequence))",
}
"""What `required` names besides keys of the metadata; as text, empty where it is not there."""
_PLAIN = Declared()


@dataclass(frozen=True, slots=True)
class Seen:
    """Events of one type and kind."""

    count: int
    first_ns: int
    last_ns: int
    services: tuple[str, ...]


async def run(asked: Asked) -> Outcome:
    kinds = asked[entities.SECTION]
    outcome = Outcome()
    if not kinds:
        return outcome
    declared = {(kind, name): form for kind, entity in kinds.items() for name, form in entity.events.items()}
    seen = await _seen(asked, kinds)
    before = await _before(asked, [key for key in declared if key not in seen])
    for kind, name in declared:
        found = seen.get((kind, name))
        came = Came(found.count, found.first_ns, found.last_ns) if found else Came(last_ns=before.get((kind, name)))
        link = _link(asked, kind, name)
        state, finding = judged("domain event", name, _PLAIN, came, asked.scope.span, link)
        outcome.rows.append(_row(name, state, came, found, link))
        if finding is not None:
            outcome.add(finding)
    for (kind, name), found in seen.items():
        if kinds[kind].events and (kind, name) not in declared and name != TRANSITION:
            link = _link(asked, kind, name)
            outcome.add(_unknown(kind, name, found, tuple(kinds[kind].events), link))
            came = Came(found.count, found.first_ns, found.last_ns)
            outcome.rows.append(_row(name, "unknown", came, found, link))
    outcome.findings += [one async for one in _illegal(asked, kinds)]
    outcome.findings += [one async for one in _missing(asked, kinds)]
    return outcome


def _row(name: str, state: Any, came: Came, found: Seen | None, link: str) -> Row:
    services = found.services if found else ()
    return Row(
        "domain event",
        name,
        state,
        declared=state != "unknown",
        count=came.count,
        first_ns=came.first_ns,
        last_ns=came.last_ns,
        services=services,
        link=link,
    )


def _link(asked: Asked, kind: str, name: str) -> str:
    return asked.link("/events", entity=kind, type=name)


async def _seen(asked: Asked, kinds: Entities) -> dict[tuple[str, str], Seen]:
    rows = await asked.rows(
        f"""SELECT toString(EntityType) AS kind, toString(Type) AS type, count() AS n,
            min(toUnixTimestamp64Nano(Timestamp)) AS first, max(toUnixTimestamp64Nano(Timestamp)) AS last,
            groupUniqArray(20)(toString(ServiceName)) AS services
        FROM domain_events WHERE {asked.scope.where()} AND kind IN {{kinds:Array(String)}}
        GROUP BY kind, type ORDER BY n DESC LIMIT {ROWS_MAX}""",
        {"kinds": list(kinds)},
    )
    return {
        (row["kind"], row["type"]): Seen(row["n"], row["first"], row["last"], tuple(sorted(row["services"])))
        for row in rows
    }


async def _before(asked: Asked, keys: list[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """When each came last before the range; domain events are few, so no time is too long to look at."""
    if not keys or not asked.looks_back:
        return {}
    scope: Scope = asked.before
    rows = await asked.source.rows(
        f"""SELECT toString(EntityType) AS kind, toString(Type) AS type, max(toUnixTimestamp64Nano(Timestamp)) AS last
        FROM domain_events WHERE {scope.where()} AND type IN {{types:Array(String)}} GROUP BY kind, type""",
        {**scope.params, "types": sorted({name for _, name in keys})},
    )
    return {(row["kind"], row["type"]): row["last"] for row in rows}


def _unknown(kind: str, name: str, found: Seen, declared: tuple[str, ...], link: str) -> Finding:
    near = next(iter(get_close_matches(name, declared, n=1, cutoff=0.6)), "")
    meant = f"Call it {near} if that is meant, or declare" if near else "Declare"
    return Finding(
        kind="domain_event_unknown",
        severity="warning",
        subject=name,
        expected=f"a declared event of {kind}{f'; the nearest is {near}' if near else ''}",
        found=counted(found.count, "event", "events"),
        todo=f"{meant} it under entities, {kind}, events.",
        since_ns=found.first_ns,
        link=link,
    )


async def _illegal(asked: Asked, kinds: Entities) -> AsyncIterator[Finding]:
    rows = await asked.rows(
        f"""SELECT toString(EntityType) AS kind, toString(StateFrom) AS before, toString(StateTo) AS after,
            count() AS n, min(toUnixTimestamp64Nano(Timestamp)) AS first, any(EntityId) AS example
        FROM domain_events WHERE {asked.scope.where()} AND kind IN {{kinds:Array(String)}} AND after != ''
        GROUP BY kind, before, after ORDER BY n DESC LIMIT {ROWS_MAX}""",
        {"kinds": list(kinds)},
    )
    for row in rows:
        entity: Entity = kinds[row["kind"]]
        if not entity.transitions or entity.legal(row["before"], row["after"]):
            continue
        follows = ", ".join(entity.transitions.get(row["before"], ())) or "nothing"
        expected = f"{follows} after {row['before']}" if row["before"] else f"a beginning in {entity.initial}"
        yield Finding(
            kind="transition_illegal",
            severity="error",
            subject=f"{row['kind']}: {row['before'] or 'beginning'} → {row['after']}",
            expected=expected,
            found=f"{counted(row['n'], 'such change', 'such changes')}, one of {row['example']}",
            todo="Look at the entity's story for what led to it; declare the transition if it is right.",
            since_ns=row["first"],
            link=asked.link("/events/entity", kind=row["kind"], id=row["example"]),
        )


async def _missing(asked: Asked, kinds: Entities) -> AsyncIterator[Finding]:
    wanted = [
        (kind, name, key)
        for kind, entity in kinds.items()
        for name, form in entity.events.items()
        for key in form.required
    ]
    if not wanted:
        return
    columns = ", ".join(f"'{name}', {column}" for name, column in _COLUMNS.items())
    rows = await asked.rows(
        f"""SELECT kind, type, key, count() AS n, countIf(NOT JSONHas(Metadata, key) AND told[key] = '') AS lacking,
            anyIf(EventId, NOT JSONHas(Metadata, key) AND told[key] = '') AS example
        FROM (
            SELECT toString(EntityType) AS kind, toString(Type) AS type, Metadata, EventId, map({columns}) AS told
            FROM domain_events WHERE {asked.scope.where()} AND type IN {{types:Array(String)}}
        ) ARRAY JOIN arrayMap(w -> w.3, arrayFilter(w -> w.1 = kind AND w.2 = type,
            arrayZip({{kinds:Array(String)}}, {{of:Array(String)}}, {{keys:Array(String)}}))) AS key
        GROUP BY kind, type, key HAVING lacking > 0 ORDER BY kind, type, key""",
        {
            "types": sorted({name for _, name, _ in wanted}),
            "kinds": [kind for kind, _, _ in wanted],
            "of": [name for _, name, _ in wanted],
            "keys": [key for _, _, key in wanted],
        },
    )
    for row in rows:
        yield Finding(
            kind="domain_event_key_missing",
            severity="error",
            subject=f"{row['type']}: {row['key']}",
            expected=f"{row['key']} on each",
            found=f"missing on {share(row['lacking'], row['n'])} of {counted(row['n'], 'event', 'events')}",
            todo=f"Tell {row['key']} where {row['type']} is told; event {row['example']} is one that lacks it.",
            link=_link(asked, row["kind"], row["type"]),
        )


CHECK = Check("domain_events", "Domain events", 25, run)
