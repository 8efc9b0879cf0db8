"""`/api/v1/dashboards`: boards of the workspace, the plan and our own; import, export, history.

Import and check are not below it, where `import` and `check` are uids as any other.
"""

import asyncio
import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Response

from midwatch.contract.plan import Problem
from midwatch.server.dashboards.check import check
from midwatch.server.dashboards.desk import DashboardDesk, Found, report_of
from midwatch.server.dashboards.files import BoardText, Unreadable, not_kept, read_board
from midwatch.server.dashboards.report import Remark, Report
from midwatch.server.dashboards.short.write import short_text
from midwatch.server.http.auth import Guard
from midwatch.server.http.errors import PROBLEM_RESPONSES
from midwatch.server.model.actor import Actor, Role, Scope
from midwatch.server.model.errors import BadRequest
from midwatch.server.model.timerange import format_time
from midwatch.server.schemas.dashboards.answers import (
    BoardFormat,
    DashboardAnswer,
    DashboardChange,
    DashboardChecked,
    DashboardCreate,
    DashboardImported,
    DashboardImportRequest,
    DashboardList,
    DashboardProblem,
    DashboardRemark,
    DashboardReport,
    DashboardSummary,
    DashboardText,
    DashboardVersion,
    DashboardVersionAnswer,
    DashboardVersionList,
)
from midwatch.server.schemas.dashboards.board import Dashboard
from midwatch.server.workspace.models import DashboardVersionRow

Uid = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,80}$")]
Version = Annotated[int, Path(ge=1, le=2**31 - 1)]
_BOARD = {"schema": {"type": "object"}}
_EXPORTED = {
    "content": {"application/json": _BOARD, "application/yaml": _BOARD},
    "description": "Grafana's JSON, or our YAML",
}
TOLD_MAX = 20
"""Problems in the text of an error; `check` answers all of them."""


def dashboards_routes(desk: DashboardDesk, guard: Guard) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["dashboards"], responses=PROBLEM_RESPONSES)
    viewer = Depends(guard.requires(Role.VIEWER))
    Editor = Annotated[Actor, Depends(guard.requires(Role.EDITOR, scope=Scope.WRITE))]

    @router.get("/dashboards", dependencies=[viewer])
    async def dashboards() -> DashboardList:
        return DashboardList(dashboards=[_summary(Found(one, _NONE, None)) for one in await desk.all()])

    @router.post("/dashboards", status_code=201)
    async def add_dashboard(body: DashboardCreate, actor: Editor) -> DashboardAnswer:
        return _answer(await desk.add(actor, body.dashboard, body.message))

    @router.post("/dashboard-import", status_code=201)
    async def import_dashboard(body: DashboardImportRequest, actor: Editor) -> DashboardImported:
        """Keep a board as Grafana or our YAML has it; what cannot be drawn is told panel by panel."""
        try:
            read, _ = await _read(body)
        except Unreadable as error:
            told = "; ".join(_at(problem) for problem in error.problems[:TOLD_MAX])
            raise BadRequest(f"cannot import the dashboard: {told}", code="bad_dashboard") from None
        found, created = await desk.put_imported(actor, read, body.message, overwrite=body.overwrite)
        report = _report(read.report, read.dashboard)
        return DashboardImported(summary=_summary(found), dashboard=found.dashboard, report=report, created=created)

    @router.post("/dashboard-check", dependencies=[viewer])
    async def check_dashboard(body: DashboardText) -> DashboardChecked:
        """What an import would make of it; keeps nothing."""
        try:
            read, problems = await _read(body)
        except Unreadable as error:
            return DashboardChecked(ok=False, problems=_problems(error.problems), dashboard=None, report=None)
        report = _report(read.report, read.dashboard)
        return DashboardChecked(ok=True, problems=_problems(problems), dashboard=read.dashboard, report=report)

    @router.get("/dashboards/{uid}", dependencies=[viewer])
    async def dashboard(uid: Uid) -> DashboardAnswer:
        return _answer(await desk.get(uid))

    @router.put("/dashboards/{uid}")
    async def change_dashboard(uid: Uid, body: DashboardChange, actor: Editor) -> DashboardAnswer:
        if body.dashboard.uid != uid:
            raise BadRequest(f"dashboard.uid={body.dashboard.uid}: expected {uid}, which the address names")
        return _answer(await desk.change(actor, body.dashboard, body.message, version=body.version))

    @router.delete("/dashboards/{uid}", status_code=204, response_class=Response)
    async def remove_dashboard(uid: Uid, actor: Editor) -> None:
        await desk.remove(actor, uid)

    @router.get("/dashboards/{uid}/export", dependencies=[viewer], response_class=Response, responses={200: _EXPORTED})
    async def export_dashboard(uid: Uid, form: Annotated[BoardFormat, Query(alias="format")] = "grafana") -> Response:
        """As a file for Grafana: unchanged as it was imported, else with what was changed put into it.

        `midwatch`: as our YAML, with what that form cannot say in comments at its top."""
        if form == "midwatch":
            found = await desk.get(uid)
            text = await asyncio.to_thread(short_text, found.dashboard)
            headers = {"content-disposition": f'attachment; filename="{uid}.yml"'}
            return Response(text, media_type="application/yaml", headers=headers)
        content = json.dumps(await desk.exported(uid), ensure_ascii=False, indent=2)
        headers = {"content-disposition": f'attachment; filename="{uid}.json"'}
        return Response(content, media_type="application/json", headers=headers)

    @router.get("/dashboards/{uid}/versions", dependencies=[viewer])
    async def dashboard_versions(uid: Uid) -> DashboardVersionList:
        rows, deleted = await desk.versions(uid)
        return DashboardVersionList(versions=[_version(row) for row in rows], deleted=deleted)

    @router.get("/dashboards/{uid}/versions/{version}", dependencies=[viewer])
    async def dashboard_version(uid: Uid, version: Version) -> DashboardVersionAnswer:
        row, board = await desk.version(uid, version)
        return DashboardVersionAnswer(version=_version(row), dashboard=board)

    @router.post("/dashboards/{uid}/versions/{version}/restore")
    async def restore_dashboard(uid: Uid, version: Version, actor: Editor) -> DashboardAnswer:
        return _answer(await desk.restore(actor, uid, version))

    return router


_NONE = Dashboard(uid="none", title="none")


async def _read(body: DashboardText) -> tuple[BoardText, list[Problem]]:
    """Raises BadRequest, Unreadable."""
    if (body.text is None) == (body.source is None):
        raise BadRequest("expected exactly one of text and source")
    text = body.text or ""
    if body.source is not None:
        if (reason := not_kept(body.source)) is not None:
            raise BadRequest(f"source: {reason}")
        text = json.dumps(body.source)
    form = "grafana" if body.source is not None else body.format
    return await asyncio.to_thread(read_board, "", text, form, uid=body.uid)


def _at(problem: Problem) -> str:
    return f"line {problem.line}, column {problem.column}: {problem.message}"


def _problems(problems: list[Problem]) -> list[DashboardProblem]:
    return [
        DashboardProblem(line=one.line, column=one.column, message=one.message, severity=one.severity)
        for one in problems
    ]


def _answer(found: Found) -> DashboardAnswer:
    report = _report(report_of(found.dashboard), found.dashboard)
    return DashboardAnswer(summary=_summary(found), dashboard=found.dashboard, report=report)


def _summary(found: Found) -> DashboardSummary:
    one, row = found.listed, found.listed.row
    return DashboardSummary(
        uid=one.uid,
        title=one.title,
        description=one.description,
        tags=one.tags,
        source=one.source,
        file=one.file,
        version=row.version if row else None,
        changed_at=_time(row.changed_ms) if row else None,
        changed_by=row.changed_by if row else None,
        panels=one.panels,
        refused=one.refused,
        hides=list(one.hides),
    )


def _report(report: Report, board: Dashboard) -> DashboardReport:
    return DashboardReport(
        panels=report.panels,
        drawable=report.drawable,
        refused=[_remark(one) for one in report.refused],
        ignored=[_remark(one) for one in report.ignored],
        ignored_count=report.ignored_count,
        findings=[DashboardRemark(panel=one.panel, title=one.title, reason=one.message) for one in check(board)],
    )


def _remark(one: Remark) -> DashboardRemark:
    return DashboardRemark(panel=one.panel, title=one.title, reason=one.reason)


def _version(row: DashboardVersionRow) -> DashboardVersion:
    return DashboardVersion(
        version=row.version,
        title=row.title,
        panels=row.panels,
        changed_at=_time(row.changed_ms),
        changed_by=row.changed_by,
        message=row.message,
    )


def _time(ms: int) -> Any:
    return format_time(ms * 1_000_000)
