"""Declared log events that never came or stopped coming, unknown ones, and those of another level or service."""

from collections.abc import Iterator

from midwatch.contract.plan.log_contract import SAME_LEVEL
from midwatch.contract.plan.sections.log_events import LogEvent
from midwatch.server.verify.asked import Asked
from midwatch.server.verify.coming import Came, judged
from midwatch.server.verify.finding import Finding, Outcome, Row
from midwatch.server.verify.observed.log_events import SeenEvent, event_query, seen_before, seen_events
from midwatch.server.verify.registry import Check
from midwatch.server.verify.snippets import event_snippet
from midwatch.server.verify.words import counted, listed, share


async def run(asked: Asked) -> Outcome:
    seen = await asked.once(seen_events)
    declared = {name: one for name, one in asked.contract.events.items() if asked.here(one.environments)}
    before = await seen_before(asked, [name for name in declared if name not in seen])
    outcome = Outcome()
    for name, event in declared.items():
        found = seen.get(name)
        came = Came(found.count, found.first_ns, found.last_ns) if found else Came(last_ns=before.get(name))
        link = asked.link("/logs", query=event_query(name))
        state, finding = judged("event", name, event, came, asked.scope.span, link)
        services = tuple(sorted(found.services)) if found else event.services
        outcome.rows.append(
            Row(
                "event",
                name,
                state,
                count=came.count,
                first_ns=came.first_ns,
                last_ns=came.last_ns,
                services=services,
                owner=event.owner,
                link=link,
            )
        )
        if finding is not None:
            outcome.add(finding)
        if found is not None:
            outcome.findings += _of_another(asked, name, event, found)
    for name, found in seen.items():
        if name and not asked.contract.is_known(name):
            outcome.findings.append(_unknown(asked, found))
            outcome.rows.append(
                Row(
                    "event",
                    name,
                    "unknown",
                    declared=False,
                    count=found.count,
                    first_ns=found.first_ns,
                    last_ns=found.last_ns,
                    services=tuple(sorted(found.services)),
                    link=asked.link("/logs", query=event_query(name)),
                )
            )
    return outcome


def _unknown(asked: Asked, found: SeenEvent) -> Finding:
    near = asked.contract.nearest(found.name)
    meant = f"Call it {near} if that is meant, or declare" if near else "Declare"
    return Finding(
        kind="event_unknown",
        severity="warning",
        subject=found.name,
        expected=f"a declared event{f'; the nearest is {near}' if near else ''}",
        found=f"{counted(found.count, 'line', 'lines')} of {listed(sorted(found.services))}",
        todo=f"{meant} it in log_events.",
        since_ns=found.first_ns,
        link=asked.link("/logs", query=event_query(found.name)),
        snippet=event_snippet(found),
    )


def _of_another(asked: Asked, name: str, event: LogEvent, found: SeenEvent) -> Iterator[Finding]:
    levels = {SAME_LEVEL.get(one, one) for one in event.level}
    others = {level: count for level, count in found.levels.items() if levels and level not in levels}
    if others:
        query = f"{event_query(name)} AND ({' OR '.join(f'level:{one}' for one in others)})"
        yield Finding(
            kind="event_level",
            severity="warning",
            subject=name,
            expected=f"level {listed(event.level)}",
            found=f"level {listed(others)} in {share(sum(others.values()), found.count)} of its lines",
            todo="Tell it at its level, or declare the other one, too.",
            link=asked.link("/logs", query=query),
        )
    strangers = sorted(set(found.services) - set(event.services)) if event.services else []
    if strangers:
        yield Finding(
            kind="event_service",
            severity="warning",
            subject=name,
            expected=f"service {listed(event.services)}",
            found=f"lines of {listed(strangers)}",
            todo=f"Declare {listed(strangers)} among its services, or give its event a name of its own.",
            link=asked.link("/logs", query=f'{event_query(name)} AND service:"{strangers[0]}"'),
        )


CHECK = Check("events", "Log events", 20, run)
