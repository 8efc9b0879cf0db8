"""One attempt at one notification, by whichever channel it takes."""

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import structlog
from pydantic import ValidationError

from midwatch.contract.plan.explain import listed
from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import BadRequest
from midwatch.server.model.notification import Integration, Notification, Reason
from midwatch.server.notify.channel import REQUEST_SECONDS, Channel, Globals, Job
from midwatch.server.notify.connection import Connection, Unreachable
from midwatch.server.notify.data import template_data
from midwatch.server.notify.functions import Moment
from midwatch.server.notify.http_config import ChannelConfig, HttpConfig
from midwatch.server.notify.kinds import CHANNELS
from midwatch.server.notify.links import Links
from midwatch.server.notify.outcome import Outcome, Verdict
from midwatch.server.notify.request import Secrets, secrets_of
from midwatch.server.notify.texts import Texts
from midwatch.server.notify.told import Told
from midwatch.server.outgoing.files import FileRefused, PlanFiles
from midwatch.server.outgoing.reach import Guard

log = structlog.get_logger(__name__)

ATTEMPT_SECONDS_MAX = 330.0
"""Over all requests of one attempt; each of them has its own, shorter time."""
ROUTE_LABEL_PREFIX = "route_label_"
"""In a notification's context: a label of its route, for `routeLabels`."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What a plan says of receivers."""

    integrations: Mapping[Integration, ChannelConfig] = field(default_factory=dict)
    globals: Mapping[str, Any] = field(default_factory=dict)
    """`global` of alertmanager.yml."""
    templates: Mapping[str, str] = field(default_factory=dict)
    """Texts of its template files by path."""


@dataclass(frozen=True, slots=True)
class Attempt:
    outcome: Outcome
    exchanges: tuple[Mapping[str, Any], ...]
    at_ms: int
    seconds: float


@dataclass(slots=True)
class _Way:
    """An integration that is in force."""

    channel: Channel
    config: ChannelConfig
    connection: Connection
    secrets: Secrets


class Sender:
    """The channels of the plan in force. Owned by one event loop."""

    def __init__(
        self, guard: Guard, files: PlanFiles, clock: Clock, *, links: Links, external_url: Callable[[], str]
    ) -> None:
        self._guard = guard
        self._files = files
        self._clock = clock
        self._links = links
        self._external_url = external_url
        self._ways: dict[Integration, _Way] = {}
        self._setup = Setup()
        self._globals = Globals()
        self._texts = Texts()

    @property
    def setup(self) -> Setup:
        return self._setup

    def channel(self, integration: Integration) -> Channel | None:
        way = self._ways.get(integration)
        return way.channel if way is not None else None

    async def configure(self, setup: Setup) -> None:
        """Put a plan's receivers in force; connections of those that stay as they were stay open.

        Raises:
            TemplateError: of one of the templates; nothing has changed.
            BadRequest: `global.http_config` is none; nothing has changed.
        """
        texts = Texts(setup.templates)
        everywhere = _everywhere(setup)
        before, self._ways = self._ways, {}
        same_globals = setup.globals == self._setup.globals
        for integration, config in setup.integrations.items():
            old = before.get(integration)
            if old is not None and same_globals and old.config == config:
                self._ways[integration] = before.pop(integration)
                continue
            connection = Connection(config.http_config or everywhere, self._guard, self._files, self._clock)
            known = Secrets((*secrets_of(config), *secrets_of(everywhere)))
            self._ways[integration] = _Way(CHANNELS[integration.kind], config, connection, known)
        self._setup, self._globals, self._texts = setup, Globals(setup.globals), texts
        for way in before.values():
            await way.connection.close()

    async def signing_secrets(self, kind: str) -> list[str]:
        """Of the entries of a kind that have one; a file that cannot be read has none."""
        found: list[str] = []
        for integration, way in self._ways.items():
            value, file = getattr(way.config, "signing_secret", ""), getattr(way.config, "signing_secret_file", "")
            if integration.kind != kind:
                continue
            if file:
                with suppress(FileRefused):
                    value = (await asyncio.to_thread(self._files.text, file)).strip()
            if value:
                found.append(value)
        return found

    async def close(self) -> None:
        for way in self._ways.values():
            await way.connection.close()

    async def attempt(
        self, notification: Notification, id_: str, receipt: Mapping[str, Any] | None, *, acknowledge: bool = True
    ) -> Attempt:
        """Never raises but for an integration that is not in force (KeyError)."""
        way = self._ways[notification.integration]
        at_ms, began = self._clock.now_ns() // 1_000_000, time.monotonic()
        if notification.reason is Reason.ACKNOWLEDGED and not way.channel.acknowledges:
            return Attempt(Outcome(Verdict.NOTHING), (), at_ms, 0.0)
        if not notification.firing and not way.config.send_resolved and notification.reason is not Reason.ACKNOWLEDGED:
            return Attempt(Outcome(Verdict.NOTHING), (), at_ms, 0.0)
        job = await self._job(way, notification, id_, receipt, acknowledge=acknowledge)
        outcome = await self._outcome(way, job)
        if job.told.troubles:
            troubles = "; ".join(job.told.troubles)
            note = f"sent in plain words, since a template failed: {troubles}"
            error = f"{outcome.error}; {note}" if outcome.error else note
            outcome = Outcome(outcome.verdict, error, outcome.retry_after_seconds, outcome.receipt)
        # Once more: tokens are learnt from answers that are kept already.
        exchanges = await asyncio.to_thread(job.secrets.masked_all, job.exchanges)
        return Attempt(outcome, tuple(exchanges), at_ms, time.monotonic() - began)

    async def _job(
        self,
        way: _Way,
        notification: Notification,
        id_: str,
        receipt: Mapping[str, Any] | None,
        *,
        acknowledge: bool,
    ) -> Job:
        external_url = self._external_url()
        context = notification.context
        labels = {
            name.removeprefix(ROUTE_LABEL_PREFIX): value
            for name, value in context.items()
            if name.startswith(ROUTE_LABEL_PREFIX)
        }
        link = self._links.acknowledge(external_url, id_) if acknowledge and notification.firing else ""
        data = await asyncio.to_thread(template_data, notification, external_url, labels, link)
        now_ns = self._clock.now_ns()
        told = Told(
            id=id_,
            notification=notification,
            data=data,
            texts=self._texts,
            moment=Moment(now_ns, labels),
            external_url=external_url,
            acknowledge_url=link,
            receipt=receipt,
        )
        return Job(
            told=told,
            connection=way.connection,
            files=self._files,
            guard=self._guard,
            globals=self._globals,
            secrets=way.secrets.copy(),
            now_seconds=now_ns / 1e9,
            request_seconds=REQUEST_SECONDS,
        )

    async def _outcome(self, way: _Way, job: Job) -> Outcome:
        try:
            async with asyncio.timeout(ATTEMPT_SECONDS_MAX):
                return await way.channel.send(job, way.config)
        except TimeoutError:
            return Outcome(Verdict.AGAIN, f"not done within {ATTEMPT_SECONDS_MAX:g} s")
        except Unreachable as error:
            return Outcome(Verdict.AGAIN, job.secrets.masked(str(error)))
        except Exception as error:  # a bug in one channel must not end the delivery of the others
            log.error("notify.attempt_failed", kind=way.channel.kind, id=job.told.id, exc_info=error)
            return Outcome(Verdict.AGAIN, f"a mistake of Midwatch: {type(error).__name__}")


def _everywhere(setup: Setup) -> HttpConfig:
    """Raises BadRequest."""
    try:
        return HttpConfig.model_validate(listed(setup.globals.get("http_config") or {}))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in ("global", "http_config", *first["loc"]))
        raise BadRequest(f"alertmanager.yml: {place}: {first['msg']}") from None
