"""What apps and people do about failed runs: tell of them, ask for orders, give orders."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from midwatch.contract import handlers as contract
from midwatch.contract.handlers import Outcome
from midwatch.server.handlers.clean import cleaned
from midwatch.server.model.actor import Actor
from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import Conflict, RateLimited
from midwatch.server.model.measure import Counts, Measure
from midwatch.server.workspace.handler_orders import Ask, Asked, HandlerOrders
from midwatch.server.workspace.handler_runs import App, HandlerRuns, TellRun, Wanted
from midwatch.server.workspace.models.handlers import HandlerOrderRow

LOOK_SECONDS = 2.0
"""Another server may have been asked for a replay: how often the database is looked into."""
REPLAYED_MAX = 1000
"""Runs of one replay."""
NO_ROOM, TOLD = "no_room", "told"
RUNS_WAIT, APPS_REFUSED = "handler_runs_wait", "handler_apps_refused"
"""Among the limits hit."""


@dataclass(slots=True)
class Question:
    """An app asks whether there is an order for it."""

    app: App
    handlers: Sequence[str]
    instance: str
    nonce: str
    wait_seconds: float
    key_digest: str
    """Of the ingest key that it came with."""
    environment_told: str
    """As the app says it, where its key is for one."""


@dataclass(frozen=True, slots=True)
class Signed:
    order: Mapping[str, Any]
    signature: str


@dataclass(slots=True)
class Hit:
    """A limit that was hit since start."""

    count: int = 0
    last_ns: int = 0


@dataclass(slots=True)
class HandlerDesk:
    runs: HandlerRuns
    orders: HandlerOrders
    clock: Clock
    pattern: Callable[[], str]
    """Of private keys, by the plan in force."""
    asking_max: int
    """Apps whose question is open at once; each is a connection."""
    hits: dict[str, Hit] = field(default_factory=dict)
    """By reason."""
    _told: Counts = field(
        default_factory=lambda: Counts("midwatch_handler_runs_total", "Failed runs that apps told of", ("what",))
    )
    _asking: int = 0
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _looked: tuple[asyncio.Event | None, float] = (None, 0.0)
    _open: bool = False

    async def take(self, app: App, runs: Sequence[TellRun]) -> list[str]:
        """Those for which there is no room now."""
        pattern = self.pattern()
        clean = [replace(run, payload=cleaned(run.payload, pattern)) for run in runs]
        waits = await self.runs.take(app, clean)
        self._told.add(TOLD, amount=len(runs) - len(waits))
        if waits:
            self._told.add(NO_ROOM, amount=len(waits))
            self._hit(RUNS_WAIT, len(waits))
        return waits

    async def next_order(self, question: Question, is_gone: Callable[[], Awaitable[bool]]) -> Signed | None:
        """Waits until there is one, the app's time is over, or the app is gone: it would take an order with it.

        Raises RateLimited: too many apps are asking; and what `is_gone` raises.
        """
        if self._asking >= self.asking_max:
            self._hit(APPS_REFUSED, 1)
            raise RateLimited(f"{self.asking_max} apps are asking for orders already", retry_after_seconds=LOOK_SECONDS)
        self._asking += 1
        try:
            await self.runs.seen(question.app, question.handlers, question.instance)
            until = self.clock.monotonic() + question.wait_seconds
            while True:
                news, app = self._news, question.app
                if await is_gone():
                    return None
                row = None
                if await self._any_open():
                    row = await self.orders.give(
                        app.project, app.service, app.environment, question.handlers, question.instance
                    )
                left = until - self.clock.monotonic()
                if row is not None or left <= 0:
                    return None if row is None else _signed(row, question)
                try:
                    await asyncio.wait_for(news.wait(), min(LOOK_SECONDS, left))
                except TimeoutError:
                    continue
        finally:
            self._asking -= 1

    async def _any_open(self) -> bool:
        """Asked of the database once in a while for all who wait, and at once where this server has news."""
        news, at = self._looked
        if news is not self._news or self.clock.monotonic() >= at:
            self._looked = self._news, self.clock.monotonic() + LOOK_SECONDS
            self._open = await self.orders.any_open()
        return self._open

    async def settle(self, app: App, order_id: str, outcome: Outcome, detail: str, seconds: float) -> bool:
        return await self.orders.settle(app.project, order_id, outcome, detail, seconds)

    async def replay(self, actor: Actor, wanted: Wanted, ask: Ask) -> Asked:
        """Of all that are wanted, in the order in which they failed. Raises Conflict where nothing can be replayed."""
        rows = (await self.runs.page(wanted, REPLAYED_MAX))[::-1]
        asked = await self.orders.ask(actor, rows, ask)
        if not asked.ordered:
            raise Conflict(
                "nothing to replay: these runs have finished, cannot be replayed, or are ordered already"
                if rows
                else "nothing to replay: no failed run is as asked for"
            )
        news, self._news = self._news, asyncio.Event()
        news.set()
        return asked

    def _hit(self, reason: str, count: int) -> None:
        hit = self.hits.setdefault(reason, Hit())
        hit.count, hit.last_ns = hit.count + count, self.clock.now_ns()

    def measures(self) -> Iterable[Measure]:
        yield from self._told.measures()
        refused = self.hits.get(APPS_REFUSED, Hit()).count
        yield Measure("midwatch_handler_apps_refused_total", "Questions for orders beyond handler_apps", refused)


def digest_of(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def _signed(row: HandlerOrderRow, question: Question) -> Signed:
    order = {
        "id": row.id,
        "run_id": row.run_id,
        "handler": row.handler,
        "service": row.service,
        "environment": question.environment_told,
        "dry_run": row.dry_run,
        "confirm_unknown": row.confirm_unknown,
        "asked_by": row.asked_by,
        "reason": row.reason,
        "expires_ms": row.expires_ms,
    }
    secret = contract.order_secret(question.key_digest)
    return Signed(order, contract.signature(order, question.nonce, secret))
