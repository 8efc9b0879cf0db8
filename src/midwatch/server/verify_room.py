"""Opens verify, and gives it what it takes of rules, drills and monitors."""

from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from midwatch.contract.duration import format_duration
from midwatch.contract.plan import Plan
from midwatch.server.monitors.heartbeats.written import known_of, life_of
from midwatch.server.monitors.rooms import MonitorRooms
from midwatch.server.query.costs import Costs
from midwatch.server.query.metrics.reader import StoreReader
from midwatch.server.rules.model import AlertingRule
from midwatch.server.store.client import QueryClass, Store
from midwatch.server.verify.asked import Monitored, Rooms
from midwatch.server.verify.desk import VerifyDesk
from midwatch.server.watch import Watch
from midwatch.server.workspace.drills import Drills
from midwatch.server.workspace.heartbeats import HeartbeatLedger


@dataclass(frozen=True, slots=True)
class _Rule:
    name: str
    file: str
    severity: str
    annotations: dict[str, str] = field(default_factory=dict)
    drilled_ns: int | None = None
    passed: bool = False
    changed: bool = False


def open_verify(
    plan: Callable[[], Plan],
    store: Store,
    costs: Costs,
    watch: Watch,
    drills: Drills,
    monitors: MonitorRooms,
    stack: AsyncExitStack,
) -> VerifyDesk:
    """Its questions are of the class of people's SQL: they wait for pages, rules and inserts."""

    async def rules() -> Sequence[_Rule]:
        rows = await drills.all()
        found = []
        for group, rule in watch.rules.rule_set:
            if isinstance(rule, AlertingRule):
                last = rows.get(rule.id)
                about = _Rule(rule.name, group.file, rule.labels.get("severity", ""), dict(rule.annotations))
                if last is not None:
                    changed = last.query != rule.query
                    about = _Rule(
                        about.name,
                        about.file,
                        about.severity,
                        about.annotations,
                        last.drilled_ms * 10**6,
                        last.passed,
                        changed,
                    )
                found.append(about)
        return found

    async def probes() -> Sequence[Monitored]:
        return [
            Monitored(one.probe.name, one.state, bool(one.locations), last_ns=one.since_ms * 10**6 or None)
            for one in await monitors.views.all()
        ]

    async def heartbeats() -> Sequence[Monitored]:
        return await _heartbeats(monitors.heartbeats.ledger)

    desk = VerifyDesk(plan, StoreReader(store, costs, QueryClass.SQL), Rooms(rules, probes, heartbeats))
    stack.push_async_callback(desk.close)
    return desk


async def _heartbeats(ledger: HeartbeatLedger) -> list[Monitored]:
    found = []
    for row in await ledger.all(project=1):
        life, expectation = life_of(row.life), known_of(row.config).expectation
        expected = ""
        if expectation.cron:
            expected = f'schedule: "{expectation.cron}", time_zone: {expectation.time_zone}'
        elif expectation.every_seconds:
            expected = f"every: {format_duration(expectation.every_seconds)}"
        found.append(
            Monitored(row.name, row.condition, bool(life.last_ns), row.environment, life.last_ns or None, expected)
        )
    return found
