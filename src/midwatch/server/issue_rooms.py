"""Issues, put together: the digest of what comes, who reads what spans and log records told, and the desk of people."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from fastapi import APIRouter

from midwatch.contract.privacy_rules import PrivacyPolicy
from midwatch.server.delivery import Delivery
from midwatch.server.http.auth import Guard
from midwatch.server.http.routes.issues import issues_routes
from midwatch.server.http.scope_params import Scopes
from midwatch.server.issues.desk import IssueDesk
from midwatch.server.issues.digest.digester import Desks, Digester
from midwatch.server.issues.digest.told_reader import ToldReader
from midwatch.server.issues.planned import PlannedRules
from midwatch.server.issues.rules import ErrorRules
from midwatch.server.issues.sweeper import FileSweeper
from midwatch.server.issues.telling import Put, Telling
from midwatch.server.issues.trackers import TrackerDesk
from midwatch.server.issues.watcher import IssueWatcher
from midwatch.server.model.blobs import Blobs
from midwatch.server.model.clock import Clock
from midwatch.server.model.measure import Measure
from midwatch.server.model.segments import SegmentSource
from midwatch.server.model.signal import Signal
from midwatch.server.model.wal_keys import WalKeys
from midwatch.server.plan.effects import Effect, errors_effect, trackers_effect
from midwatch.server.query.costs import Costs
from midwatch.server.query.issues.events import IssueEvents
from midwatch.server.query.issues.reading import IssueReading
from midwatch.server.query.issues.spikes import SpikeQueries
from midwatch.server.query.issues.volume import IssueVolume
from midwatch.server.query.metrics.reader import StoreReader
from midwatch.server.query.source import Source
from midwatch.server.release_rooms import ReleaseRooms
from midwatch.server.replays.keeper import ReplayKeeper
from midwatch.server.store.client import QueryClass, Store
from midwatch.server.store.writer import Writer
from midwatch.server.wal.dead_letters import DeadLetters
from midwatch.server.wal.log import WriteAheadLog
from midwatch.server.workspace.issue_ledger import IssueLedger
from midwatch.server.workspace.issues import Issues
from midwatch.server.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class IssueRooms:
    rules: PlannedRules
    trackers: TrackerDesk
    telling: Telling
    digester: Digester
    told: ToldReader
    watcher: IssueWatcher
    issues: Issues
    desk: IssueDesk
    sweeper: FileSweeper

    def effects(self) -> list[Effect]:
        """Of the plan."""
        return [errors_effect(self.rules.put), trackers_effect(self.trackers.configure)]

    async def follow(self) -> None:
        """Under a lease, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.told.run(), name="told-exceptions")
            group.create_task(self.telling.run(), name="issues-telling")
            group.create_task(self.watcher.run(), name="issues-watch")
            group.create_task(self.sweeper.run(), name="issues-sweeper")

    def measures(self) -> Iterable[Measure]:
        yield from self.digester.measures()


class _Rows:
    """The store, asked for what comes in."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def rows(self, sql: str, params: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        return await self._store.rows(sql, params, query_class=QueryClass.INGEST)


def open_issue_rooms(
    source: SegmentSource,
    wal: WriteAheadLog,
    store: Store,
    writer: Writer,
    workspace: Workspace,
    dead_letters: DeadLetters,
    releases: ReleaseRooms,
    replays: ReplayKeeper,
    delivery: Delivery,
    put_alerts: Put,
    trackers: TrackerDesk,
    costs: Costs,
    blobs: Blobs,
    clock: Clock,
    *,
    days: Callable[[], float],
    privacy: Callable[[], PrivacyPolicy],
    keys: WalKeys,
) -> IssueRooms:
    ledger, rules = IssueLedger(workspace.database, clock), PlannedRules(privacy)
    telling = Telling(ledger, put_alerts, lambda: rules.tell, delivery.external_url, clock)
    digester = Digester(
        source,
        Desks(ledger, wal, blobs, replays, releases.artifacts, dead_letters),
        clock,
        rules=lambda: rules.in_force,
        key_names=workspace.keys.names,
        on_news=telling.on_news,
        keys=keys,
    )
    told = ToldReader(_Rows(store), digester, ledger, clock, waiting=wal.waiting, stored=partial(_stored, writer))
    digester.seeds_from(told.seeds)
    issues = Issues(workspace.database, clock)
    watcher = IssueWatcher(
        issues, SpikeQueries(StoreReader(store, costs, QueryClass.RULES)), clock, on_news=telling.on_news
    )
    desk = IssueDesk(issues, telling, trackers, clock)
    sweeper = FileSweeper(blobs, clock, days)
    return IssueRooms(rules, trackers, telling, digester, told, watcher, issues, desk, sweeper)


def issue_routers(
    rooms: IssueRooms, releases: ReleaseRooms, blobs: Blobs, source: Source, guard: Guard, scopes: Scopes
) -> list[APIRouter]:
    def under(grouping: int) -> ErrorRules:
        return replace(rooms.rules.in_force, grouping=grouping)

    reading = IssueReading(
        rooms.issues,
        IssueVolume(source),
        IssueEvents(source),
        releases.releases,
        blobs,
        releases.artifacts.resolved_for_reading,
        under,
    )
    return [issues_routes(reading, rooms.desk, guard, scopes)]


def _stored(writer: Writer) -> int:
    return writer.accepted(Signal.TRACES) + writer.accepted(Signal.LOGS)
