"""Keys of declared log events: missing ones, wrong types, and those that nobody has declared."""

from collections.abc import Iterator

from midwatch.contract import fields
from midwatch.contract.plan.log_contract import ALWAYS_THERE, COLUMNS, EVERYWHERE
from midwatch.contract.plan.sections.log_events import LogEvent
from midwatch.server.verify.asked import Asked
from midwatch.server.verify.finding import Finding, Outcome
from midwatch.server.verify.observed.examples import example_lines
from midwatch.server.verify.observed.log_events import SeenEvent, event_query, seen_events
from midwatch.server.verify.registry import Check
from midwatch.server.verify.words import counted, listed, share

_FITS = {"number": {"number", "integer"}, "any": {"string", "boolean", "integer", "number", "list", "map", "any"}}


async def run(asked: Asked) -> Outcome:
    seen = await asked.once(seen_events)
    outcome, lacking = Outcome(), []
    for name, event in asked.contract.events.items():
        found = seen.get(name)
        if found is None or not asked.here(event.environments):
            continue
        for key in event.keys:
            missing = found.count - found.lines_with.get(fields.canonical(key), 0)
            if missing > 0 and fields.canonical(key) not in COLUMNS and key not in ALWAYS_THERE:
                lacking.append((found, key, missing))
        outcome.findings += _types(asked, event, found)
        outcome.findings += _extra(asked, event, found)
    examples = await example_lines(asked, [(found.name, key) for found, key, _ in lacking])
    for found, key, missing in lacking:
        line = examples.get((found.name, key), "")
        outcome.add(
            Finding(
                kind="key_missing",
                severity="error",
                subject=f"{found.name}: {key}",
                expected=f"{key} on every line",
                found=f"missing on {share(missing, found.count)} of {counted(found.count, 'line', 'lines')}",
                todo=f"Tell {key} wherever {found.name} is told, in {listed(sorted(found.services))}; or make it"
                " optional.",
                link=asked.link("/logs", query=f"{event_query(found.name)} AND NOT {key}:*", line=line),
            )
        )
    return outcome


def _types(asked: Asked, event: LogEvent, found: SeenEvent) -> Iterator[Finding]:
    for key, kind in {**event.keys, **event.optional}.items():
        fits = _FITS.get(kind, {kind})
        for name in fields.names_of(key):
            types = found.keys.get(name, {})
            wrong = {one: count for one, count in types.items() if one not in fits and one != "any"}
            if wrong:
                yield Finding(
                    kind="key_type",
                    severity="error",
                    subject=f"{found.name}: {name}",
                    expected=kind,
                    found=f"{listed(wrong)} in {share(sum(wrong.values()), sum(types.values()))} of its values",
                    todo=f"Send {name} as {kind}, or declare the type that it has.",
                    link=asked.link("/logs", query=f"{event_query(found.name)} AND {name}:*"),
                )


def _extra(asked: Asked, event: LogEvent, found: SeenEvent) -> Iterator[Finding]:
    if event.extra:
        return
    everywhere = {fields.canonical(one.key) for one in asked.contract.required} | EVERYWHERE
    declared = {fields.canonical(key) for key in (*event.keys, *event.optional)} | everywhere
    extra = {key: sum(types.values()) for key, types in found.keys.items() if fields.canonical(key) not in declared}
    if extra:
        yield Finding(
            kind="key_extra",
            severity="warning",
            subject=found.name,
            expected=f"no other keys than {listed((*event.keys, *event.optional))}",
            found=f"{listed(sorted(extra))}, on up to {share(max(extra.values()), found.count)} of its lines",
            todo="Declare them in optional, leave them out, or allow extra keys.",
            link=asked.link("/logs", query=f"{event_query(found.name)} AND {min(extra)}:*"),
        )


CHECK = Check("keys", "Keys of log events", 30, run)
