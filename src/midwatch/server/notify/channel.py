"""What a channel is, and what it gets to work with."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from midwatch.server.notify.connection import Connection, Unreachable
from midwatch.server.notify.http_config import ChannelConfig
from midwatch.server.notify.outcome import Outcome, Verdict, judged
from midwatch.server.notify.request import Answer, Request, Secrets, kept_answer, kept_request
from midwatch.server.notify.told import Told
from midwatch.server.outgoing.files import FileRefused, PlanFiles
from midwatch.server.outgoing.reach import Guard

REQUEST_SECONDS = 10.0
"""For each request, where the receiver's entry has no `timeout`."""
EXCHANGES_MAX = 20
"""Requests of one attempt that are kept."""


class Globals:
    """What `global` says for all receivers."""

    def __init__(self, values: Mapping[str, Any] | None = None) -> None:
        self._values = values or {}

    def text(self, name: str, otherwise: str = "") -> str:
        value = self._values.get(name)
        return value if isinstance(value, str) and value else otherwise

    def value(self, name: str) -> Any:
        return self._values.get(name)


@dataclass(slots=True)
class Job:
    """One attempt at one notification."""

    told: Told
    connection: Connection
    files: PlanFiles
    guard: Guard
    globals: Globals
    secrets: Secrets
    now_seconds: float
    request_seconds: float = REQUEST_SECONDS
    exchanges: list[dict[str, Any]] = field(default_factory=list)

    async def send(self, request: Request) -> Answer:
        """Raises Unreachable."""
        exchange: dict[str, Any] = {"request": kept_request(request, self.secrets), "answer": None}
        if len(self.exchanges) < EXCHANGES_MAX:
            self.exchanges.append(exchange)
        answer = await self.connection.exchange(request, self.request_seconds, self.secrets)
        exchange["answer"] = kept_answer(answer, self.secrets)
        return answer

    async def deliver(self, request: Request, *, delivered: frozenset[int] = frozenset()) -> Outcome:
        """One request, judged by the status of its answer. Raises Unreachable."""
        return judged(await self.send(request), self.now_seconds, delivered=delivered)

    async def secret(self, value: str, file: str = "") -> str:
        """A secret of the configuration, or of the file that it names. Raises Unreachable."""
        if not file:
            return self.secrets.add(value)
        try:
            return self.secrets.add((await asyncio.to_thread(self.files.text, file)).strip())
        except FileRefused as error:
            raise Unreachable(str(error)) from None

    async def secret_url(self, value: str, file: str = "") -> str:
        """As `secret`, of an address: its host may be seen. Raises Unreachable."""
        if file:
            try:
                value = (await asyncio.to_thread(self.files.text, file)).strip()
            except FileRefused as error:
                raise Unreachable(str(error)) from None
        return self.secrets.add_url(value)


@dataclass(frozen=True, slots=True)
class Channel:
    """A kind of receiver: `slack` for `slack_configs`. Each is a folder with config.py, message.py and channel.py."""

    kind: str
    config: type[ChannelConfig]
    send: Callable[[Job, Any], Awaitable[Outcome]]
    """Raises Unreachable, and nothing else on purpose."""
    seconds_between: float = 0.0
    """The vendor's rate limit: from one message of an integration to its next."""
    acknowledges: bool = False
    """Has a state of its own, to which an acknowledgement can be said."""


NOTHING = Outcome(Verdict.NOTHING)


async def composed(make: Callable[..., Any], *arguments: Any) -> Any:
    """A message, made in a thread: a storm of alerts takes a second to write down."""
    return await asyncio.to_thread(make, *arguments)
