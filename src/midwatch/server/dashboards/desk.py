"""The dashboards of a team, from wherever they are: the workspace, the plan in force, and those of Midwatch."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from midwatch.server.dashboards.builtins import built_in_boards
from midwatch.server.dashboards.check import check
from midwatch.server.dashboards.files import BoardText
from midwatch.server.dashboards.grafana.export import export_grafana
from midwatch.server.dashboards.report import Remark, Report
from midwatch.server.model.actor import Actor
from midwatch.server.model.errors import BadRequest, Conflict, NotFound
from midwatch.server.schemas.dashboards.board import Dashboard
from midwatch.server.schemas.dashboards.options import BoardRefused
from midwatch.server.workspace.dashboards import Dashboards, NewVersion
from midwatch.server.workspace.models import DashboardVersionRow

Source = Literal["workspace", "plan", "builtin"]
READ_ONLY = "read_only"


@dataclass(frozen=True, slots=True)
class Listed:
    """What a list shows of a board. `row` is the workspace's."""

    source: Source
    uid: str
    title: str
    description: str
    tags: list[str]
    panels: int
    refused: int
    hides: tuple[Source, ...] = ()
    file: str | None = None
    row: DashboardVersionRow | None = None


@dataclass(frozen=True, slots=True)
class Found:
    listed: Listed
    dashboard: Dashboard
    original: dict[str, Any] | None


class PlanBoards:
    """Those of the plan in force, by uid."""

    def __init__(self) -> None:
        self.boards: Mapping[str, BoardText] = {}

    def put(self, files: Mapping[str, BoardText]) -> None:
        self.boards = {board.dashboard.uid: board for board in files.values()}


class DashboardDesk:
    """One uid is one board: the plan's comes first, then the workspace's, then ours. For the event loop."""

    def __init__(self, kept: Dashboards, plan: PlanBoards) -> None:
        self._kept = kept
        self._plan = plan

    async def all(self) -> list[Listed]:
        """By title; the built-in ones last."""
        built_in = await asyncio.to_thread(built_in_boards)
        rows = {row.uid: row for row in await self._kept.all()}
        found = [_of_row(row) for uid, row in rows.items() if uid not in self._plan.boards]
        found += [_of_text("plan", board) for board in self._plan.boards.values()]
        taken = {one.uid for one in found}
        found += [_of_text("builtin", board) for uid, board in built_in.items() if uid not in taken]
        told = [_hiding(one, in_workspace=one.uid in rows, built_in=one.uid in built_in) for one in found]
        return sorted(told, key=lambda one: (one.source == "builtin", one.title.lower(), one.uid))

    async def get(self, uid: str) -> Found:
        """Raises NotFound."""
        built_in = await asyncio.to_thread(built_in_boards)
        row = await self._kept.get(uid)
        for source, boards in (("plan", self._plan.boards), ("builtin", {} if row else built_in)):
            if (board := boards.get(uid)) is not None:
                listed = _of_text("plan" if source == "plan" else "builtin", board)
                listed = _hiding(listed, in_workspace=row is not None, built_in=uid in built_in)
                return Found(listed, board.dashboard, board.original)
        if row is None:
            raise NotFound(f"cannot find dashboard {uid}: neither the workspace nor the plan has it")
        listed = _hiding(_of_row(row), in_workspace=True, built_in=uid in built_in)
        original = await self._kept.original(row.original_id)
        return Found(listed, _board(row), original)

    async def add(self, actor: Actor, board: Dashboard, message: str, original: dict[str, Any] | None = None) -> Found:
        """Raises BadRequest, Conflict, TooLarge."""
        _require_sound(board)
        await self._require_ours(board.uid)
        row = await self._kept.add(actor, _new(board, message), original)
        return Found(_of_row(row), board, original)

    async def change(
        self,
        actor: Actor,
        board: Dashboard,
        message: str,
        *,
        version: int | None,
        original: dict[str, Any] | None = None,
    ) -> Found:
        """Raises BadRequest, Conflict, NotFound."""
        _require_sound(board)
        await self._require_ours(board.uid)
        row = await self._kept.change(actor, _new(board, message), version=version, original=original)
        return Found(_of_row(row), board, None)

    async def put_imported(self, actor: Actor, read: BoardText, message: str, *, overwrite: bool) -> tuple[Found, bool]:
        """Keep what was read; true where there was no board of this uid. Raises what `add` and `change` do."""
        board = read.dashboard
        if overwrite and await self._kept.get(board.uid) is not None:
            return await self.change(actor, board, message, version=None, original=read.original or {}), False
        return await self.add(actor, board, message, read.original), True

    async def remove(self, actor: Actor, uid: str) -> None:
        """Raises Conflict, NotFound."""
        await self._require_ours(uid)
        await self._kept.remove(actor, uid)

    async def restore(self, actor: Actor, uid: str, version: int) -> Found:
        """Raises Conflict, NotFound."""
        await self._require_ours(uid)
        row = await self._kept.restore(actor, uid, version)
        return Found(_of_row(row), _board(row), None)

    async def versions(self, uid: str) -> tuple[list[DashboardVersionRow], bool]:
        """Raises NotFound."""
        return await self._kept.versions(uid)

    async def version(self, uid: str, version: int) -> tuple[DashboardVersionRow, Dashboard]:
        """Raises NotFound."""
        row = await self._kept.version(uid, version)
        return row, _board(row)

    async def exported(self, uid: str) -> dict[str, Any]:
        """As Grafana's JSON. Raises NotFound."""
        found = await self.get(uid)
        return await asyncio.to_thread(export_grafana, found.dashboard, found.original or None)

    async def _require_ours(self, uid: str) -> None:
        if (board := self._plan.boards.get(uid)) is not None:
            raise Conflict(
                f"dashboard {uid} is kept in the plan: change {board.file} there, or save a copy under another uid",
                code=READ_ONLY,
            )
        if uid in await asyncio.to_thread(built_in_boards):
            raise Conflict(f"dashboard {uid} comes with Midwatch: save a copy under another uid", code=READ_ONLY)


def report_of(board: Dashboard) -> Report:
    """What a board says by itself about what is not drawn."""
    refused = [
        Remark(panel.id, panel.title, panel.options.reason)
        for panel in board.panels
        if isinstance(panel.options, BoardRefused)
    ]
    return Report(panels=len(board.panels), refused=refused)


def _require_sound(board: Dashboard) -> None:
    """Raises BadRequest where two things of the board have one name."""
    wrong = [one.message for one in check(board) if one.kind == "ambiguous"]
    if wrong:
        raise BadRequest(f"cannot keep dashboard {board.uid}: {'; '.join(wrong[:5])}")


def _new(board: Dashboard, message: str) -> NewVersion:
    value = board.model_dump(mode="json", exclude_defaults=True)
    refused = len(report_of(board).refused)
    return NewVersion(board.uid, value, board.title, board.description, board.tags, len(board.panels), refused, message)


def _board(row: DashboardVersionRow) -> Dashboard:
    return Dashboard.model_validate(row.value)


def _of_row(row: DashboardVersionRow) -> Listed:
    return Listed("workspace", row.uid, row.title, row.description, row.tags, row.panels, row.refused, row=row)


def _of_text(source: Source, board: BoardText) -> Listed:
    one, report = board.dashboard, board.report
    file = board.file if source == "plan" else None
    return Listed(source, one.uid, one.title, one.description, one.tags, report.panels, len(report.refused), file=file)


def _hiding(listed: Listed, *, in_workspace: bool, built_in: bool) -> Listed:
    hides: list[Source] = []
    if listed.source == "plan" and in_workspace:
        hides.append("workspace")
    if listed.source != "builtin" and built_in:
        hides.append("builtin")
    return replace(listed, hides=tuple(hides))
