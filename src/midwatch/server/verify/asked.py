"""What a check may ask: the plan, the range and environments, the store, and the rooms of drills and monitors."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeVar
from urllib.parse import quote, urlencode

from midwatch.contract.duration import format_duration
from midwatch.contract.plan import Plan
from midwatch.contract.plan.log_contract import LogContract, contract_of
from midwatch.contract.plan.section import Section
from midwatch.server.query.source import Scope

T = TypeVar("T")
LOOK_BACK_SECONDS = 14 * 86_400
"""How far back it is looked for something that did not come in the range."""


class Rows(Protocol):
    """The store, as checks ask it."""

    async def rows(self, sql: str, params: dict[str, Any]) -> list[dict[str, Any]]: ...


class DrilledRule(Protocol):
    """An alerting rule and its last drill."""

    @property
    def name(self) -> str: ...

    @property
    def file(self) -> str: ...

    @property
    def severity(self) -> str: ...

    @property
    def annotations(self) -> Mapping[str, str]: ...

    @property
    def drilled_ns(self) -> int | None: ...

    @property
    def passed(self) -> bool: ...

    @property
    def changed(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Monitored:
    """A probe or heartbeat as it stands. `seen`: it was looked at, or gave a sign, at least once."""

    name: str
    state: str
    seen: bool
    environment: str = ""
    last_ns: int | None = None
    expected: str = ""
    """Of a heartbeat: `every: 5m` or `schedule: "0 3 * * *"`, as a plan has it; empty where it is not known."""


@dataclass(frozen=True, slots=True)
class Rooms:
    """What verify takes of others."""

    drills: Callable[[], Awaitable[Sequence[DrilledRule]]]
    probes: Callable[[], Awaitable[Sequence[Monitored]]]
    heartbeats: Callable[[], Awaitable[Sequence[Monitored]]]


@dataclass(slots=True)
class Asked:
    """One run; what several checks ask is asked once."""

    plan: Plan
    scope: Scope
    environment: str
    """The plan's own name of the one environment that is asked about; empty: all together."""
    aliases: Mapping[str, str]
    """Other name → own name of an environment."""
    source: Rows
    rooms: Rooms
    contract: LogContract = field(init=False)
    _told: dict[Any, asyncio.Future[Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.contract = contract_of(self.plan)

    def __getitem__(self, section: Section[T]) -> T:
        return self.plan[section]

    def here(self, environments: Sequence[str]) -> bool:
        """Whether something that is declared for these environments (none: all) is to come in what is asked about."""
        return not environments or not self.environment or self.environment in environments

    @property
    def before(self) -> Scope:
        """The time before the range, as far as it is looked back."""
        span = self.scope.span
        return replace(
            self.scope, span=replace(span, start_ns=span.end_ns - LOOK_BACK_SECONDS * 10**9, end_ns=span.start_ns)
        )

    @property
    def looks_back(self) -> bool:
        """Whether there is such a time: the range may be as long by itself."""
        return self.before.span.start_ns < self.before.span.end_ns

    async def rows(self, sql: str, params: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Of the range."""
        return await self.source.rows(sql, {**self.scope.params, **(params or {})})

    async def once(self, ask: Callable[["Asked"], Awaitable[T]]) -> T:
        """What `ask` answers, asked once a run however many checks want it."""
        if ask not in self._told:
            self._told[ask] = asyncio.ensure_future(ask(self))
        found: T = await self._told[ask]
        return found

    def link(self, path: str, **search: str) -> str:
        """A view of the page for the range and environment that are asked about."""
        params = {name: value for name, value in search.items() if value}
        params["start"] = f"now-{format_duration(round(self.scope.span.seconds))}"
        if self.environment:
            params["env"] = self.environment
        return f"{path}?{urlencode(params, quote_via=quote, safe=':/,')}"
