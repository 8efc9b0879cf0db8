"""The status page as it is served: made from the workspace, kept for a moment, shown as it was while that is away."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from pydantic import ValidationError

from midwatch.contract.plan.sections.status_page import StatusPage
from midwatch.server.model.actor import Actor
from midwatch.server.model.clock import Clock, now_ms
from midwatch.server.model.errors import BadRequest, Conflict, MidwatchError, NotFound
from midwatch.server.monitors.status_page.view import HISTORY_DAYS, Notice, PageView, Watched, notice_of, page_view
from midwatch.server.workspace.heartbeats import HeartbeatLedger
from midwatch.server.workspace.models import StatusNoticeRow
from midwatch.server.workspace.probes import AGREED, DAY_MS, MonitorDays, ProbeLedger
from midwatch.server.workspace.status_page import Said, StatusLedger

log = structlog.get_logger(__name__)

KEPT_SECONDS = 5.0
"""Whoever reloads the page during an outage gets what was put together for the one before."""
PROJECT = 1


@dataclass(frozen=True, slots=True)
class Shown:
    view: PageView
    notices: tuple[Notice, ...]
    """Of the last 90 days, and those that are open; for the feeds."""
    stale: bool = False


class StatusDesk:
    def __init__(
        self, ledger: StatusLedger, probes: ProbeLedger, heartbeats: HeartbeatLedger, days: MonitorDays, clock: Clock
    ) -> None:
        self.ledger = ledger
        self._probes, self._heartbeats, self._days, self._clock = probes, heartbeats, days, clock
        self.plan = StatusPage()
        self._kept: tuple[float, Shown | None] | None = None
        self.made = StatusPage()
        """The one that was made in the editor, as it was read last."""

    async def configure(self, page: StatusPage) -> None:
        """An effect of the plan; at a start also the moment to know the editor's page, for its address."""
        self.plan = page
        self._kept = None
        if not page.title:
            self.made = await self._definition()

    @property
    def page(self) -> StatusPage:
        """The one in force, as far as is known without asking."""
        return self.plan if self.plan.title else self.made

    async def definition(self) -> tuple[StatusPage, str]:
        """The page in force, and whose it is: `plan`, `workspace` or `none`."""
        if self.plan.title:
            return self.plan, "plan"
        self.made = await self._definition()
        return self.made, "workspace" if self.made.title else "none"

    async def define(self, actor: Actor, value: Mapping[str, Any]) -> StatusPage:
        """Raises BadRequest; Conflict where the plan has the page."""
        if self.plan.title:
            raise Conflict("the plan has the status page: change `status_page` there")
        try:
            page = _page(value)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise BadRequest(f"{where}: {str(first['msg']).removeprefix('Value error, ')}") from None
        names = [component.name for component in page.components]
        if len(set(names)) < len(names):
            raise BadRequest("components: expected names that differ")
        await self.ledger.define(actor, page.model_dump(mode="json"))
        self.made, self._kept = page, None
        return page

    async def shown(self) -> Shown:
        """
        Raises:
            NotFound: there is no page.
            Unavailable: the workspace does not answer, and nothing was shown before.
        """
        now = self._clock.monotonic()
        if self._kept is not None and now - self._kept[0] < KEPT_SECONDS:
            return _there(self._kept[1])
        try:
            shown = await self._put_together()
        except MidwatchError as error:
            if self._kept is None or self._kept[1] is None:
                raise
            log.warning("status_page.stale", error=error.message)
            kept = self._kept[1]
            return Shown(kept.view, kept.notices, stale=True)
        self._kept = (now, shown)
        return _there(shown)

    async def begin(self, actor: Actor, kind: str, said: Said) -> StatusNoticeRow:
        """Raises BadRequest, TooLarge."""
        page = await self._check(said)
        row = await self.ledger.add(actor, kind, said, tell=page.subscribe_by_mail)
        self._kept = None
        return row

    async def say(self, actor: Actor, notice_id: str, said: Said) -> StatusNoticeRow:
        """Raises BadRequest, NotFound, Conflict, TooLarge."""
        page = await self._check(said)
        row = await self.ledger.say(actor, notice_id, said, tell=page.subscribe_by_mail)
        self._kept = None
        return row

    async def remove(self, actor: Actor, notice_id: str) -> None:
        """Raises NotFound."""
        await self.ledger.remove(actor, notice_id)
        self._kept = None

    async def _check(self, said: Said) -> StatusPage:
        page, _ = await self.definition()
        known = {component.name for component in page.components}
        for name in said.components or []:
            if name not in known:
                raise BadRequest(f"component={name[:100]}: expected one of the status page's components")
        if said.starts_ms is not None and said.ends_ms is not None and said.ends_ms <= said.starts_ms:
            raise BadRequest("ends: expected a time after starts")
        return page

    async def _definition(self) -> StatusPage:
        row = await self.ledger.definition()
        if row is None:
            return StatusPage()
        try:
            return _page(row.value)
        except ValidationError:
            log.error("status_page.unreadable")
            return StatusPage()

    async def _put_together(self) -> Shown | None:
        page, source = await self.definition()
        if source == "none":
            return None
        now = now_ms(self._clock)
        since_day = now // DAY_MS - HISTORY_DAYS + 1
        probes = {name for component in page.components for name in component.probes}
        heartbeats = {name for component in page.components for name in component.heartbeats}
        states = {row.probe: row.state for row in await self._probes.standings() if row.location == AGREED}
        words: dict[str, str] = {}
        for row in await self._heartbeats.all(project=PROJECT) if heartbeats else []:
            word = row.condition if row.condition in ("new", "unknown") else "up" if row.healthy else "down"
            if words.get(row.name) != "down":
                words[row.name] = word
        rows = await self.ledger.notices(since_ms=now - HISTORY_DAYS * DAY_MS)
        notices = tuple(notice_of(row) for row in rows)
        watched = Watched(states, await self._seconds("probe", since_day, probes))
        beating = Watched(words, await self._seconds("heartbeat", since_day, heartbeats))
        return Shown(page_view(page, watched, beating, notices, now), notices)

    async def _seconds(self, kind: str, since_day: int, names: set[str]) -> dict[str, dict[int, tuple[float, float]]]:
        if not names:
            return {}
        found = await self._days.of(kind, since_day=since_day, names=sorted(names))
        return {name: {day: (one.up, one.down) for day, one in days.items()} for name, days in found.items()}


def _page(value: Mapping[str, Any]) -> StatusPage:
    def listed(one: Any) -> Any:
        if isinstance(one, list):
            return tuple(listed(part) for part in one)
        return {key: listed(part) for key, part in one.items()} if isinstance(one, dict) else one

    return StatusPage.model_validate(listed(dict(value)))


def _there(shown: Shown | None) -> Shown:
    if shown is None:
        raise NotFound("there is no status page: the plan's `status_page` or the editor makes one")
    return shown
