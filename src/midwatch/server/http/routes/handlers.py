"""`/api/v1/handler-runs`: runs of apps' handlers that failed; and `/api/v1/handler-replays`: to run them again."""

import time
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query

from midwatch.contract.sealed import is_sealed
from midwatch.server.handlers.desk import HandlerDesk
from midwatch.server.http.auth import Guard
from midwatch.server.http.errors import PROBLEM_RESPONSES
from midwatch.server.http.scope_params import Env, Names, Project
from midwatch.server.model.actor import Actor, Role, Scope
from midwatch.server.model.errors import BadRequest
from midwatch.server.model.timerange import format_time
from midwatch.server.schemas.base import QueryStats
from midwatch.server.schemas.handlers import (
    HandlerOrder,
    HandlerOrderList,
    HandlerPayload,
    HandlerRun,
    HandlerRunDetail,
    HandlerRunPage,
    HandlerSummaries,
    HandlerSummary,
    ReplayAsk,
    ReplayAsked,
    ReplayBatch,
    ReplayCancelled,
    ReplayCount,
)
from midwatch.server.workspace.handler_orders import Ask
from midwatch.server.workspace.handler_runs import OPEN, Wanted
from midwatch.server.workspace.models.handlers import HandlerOrderRow, HandlerRunRow

LIMIT_MAX = 200
ORDERS_SHOWN = 200
Id = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
Text = Annotated[str, Query(max_length=200)]
States = Annotated[list[Literal["failed", "stuck", "unknown", "done"]] | None, Query()]
Cursor = Annotated[str | None, Query(pattern=r"^\d{1,16}\.[0-9a-f]{32}$")]


def handlers_routes(desk: HandlerDesk, guard: Guard, environments: Names) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["handlers"], responses=PROBLEM_RESPONSES)
    viewer = Depends(guard.requires(Role.VIEWER))
    Engineer = Annotated[Actor, Depends(guard.requires(Role.ENGINEER, scope=Scope.WRITE))]

    async def shown(rows: Sequence[HandlerRunRow]) -> list[HandlerRun]:
        issues, orders = await desk.runs.issues_of(rows), await desk.orders.of_runs([row.id for row in rows])
        return [_run(row, issues.get(row.id), orders.get(row.id)) for row in rows]

    @router.get("/handler-runs", dependencies=[viewer])
    async def handler_runs(
        env: Env = None,
        handler: Text = "",
        service: Text = "",
        state: States = None,
        issue: Annotated[int | None, Query(ge=1)] = None,
        project: Project = 1,
        limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = 50,
        cursor: Cursor = None,
    ) -> HandlerRunPage:
        """The newest failure first; those that have not finished since, unless `state` says others."""
        began = time.monotonic()
        wanted = Wanted(
            project=project,
            environments=environments.every(name[:200] for name in env or ()),
            handler=handler,
            service=service,
            states=tuple(state or OPEN),
            issue=issue,
            before=_before(cursor),
        )
        rows = await desk.runs.page(wanted, limit + 1)
        following = f"{rows[limit - 1].failed_ms}.{rows[limit - 1].id}" if len(rows) > limit else None
        stats = QueryStats(elapsed_ms=(time.monotonic() - began) * 1000)
        return HandlerRunPage(runs=await shown(rows[:limit]), next_cursor=following, stats=stats)

    @router.get("/handlers", dependencies=[viewer])
    async def handlers(env: Env = None, project: Project = 1) -> HandlerSummaries:
        """Handlers of apps that ask for orders, and those that have failed runs."""
        every = environments.every(name[:200] for name in env or ())
        counts = await desk.runs.counts(Wanted(project=project, environments=every, states=()))
        listening = await desk.runs.listening(project)
        found: dict[tuple[str, str, str], dict[str, int]] = {
            key: {} for key in listening if not every or key[1] in every
        }
        for handler, service, environment, state, count in counts:
            found.setdefault((service, environment, handler), {})[state] = count
        return HandlerSummaries(
            handlers=[
                HandlerSummary(
                    handler=key[2],
                    service=key[0],
                    environment=key[1],
                    failed=states.get("failed", 0),
                    stuck=states.get("stuck", 0),
                    unknown=states.get("unknown", 0),
                    done=states.get("done", 0),
                    asked=_time_or_none(listening.get(key)),
                )
                for key, states in sorted(found.items(), key=lambda one: (one[0][2], one[0][0], one[0][1]))
            ]
        )

    @router.get("/handler-runs/{run}", dependencies=[viewer])
    async def handler_run(run: Id) -> HandlerRunDetail:
        row = await desk.runs.get(run)
        orders = await desk.orders.page(row.project, run=run, limit=ORDERS_SHOWN)
        listening = await desk.runs.listening(row.project)
        asked = listening.get((row.service, row.environment, row.handler))
        (one,) = await shown([row])
        return HandlerRunDetail(run=one, listening=_time_or_none(asked), orders=[_order(order) for order in orders])

    @router.get("/handler-runs/{run}/payload")
    async def handler_payload(run: Id, actor: Engineer) -> HandlerPayload:
        """The arguments of a run, noted in the audit log."""
        row = await desk.runs.open_payload(actor, run)
        form: Any = row.payload.get("form", "none")
        is_plain, sealed = form == "plain", is_sealed(row.payload)
        return HandlerPayload(
            form=form if is_plain or sealed else "none",
            run_id=row.run_id,
            arguments=row.payload.get("arguments", {}) if is_plain else None,
            sealed={name: row.payload.get(name) for name in ("key_id", "nonce", "data")} if sealed else None,
        )

    @router.get("/handler-replays", dependencies=[viewer])
    async def handler_replays(
        project: Project = 1, limit: Annotated[int, Query(ge=1, le=ORDERS_SHOWN)] = 50
    ) -> HandlerOrderList:
        """What was ordered, the newest first."""
        return HandlerOrderList(orders=[_order(one) for one in await desk.orders.page(project, limit=limit)])

    @router.post("/handler-replays", status_code=202)
    async def replay_handlers(body: ReplayAsk, actor: Engineer) -> ReplayAsked:
        """Order that runs are run again, one after the other; the app that has the handler carries each out."""
        if not (body.ids or body.handler or body.service or body.issue is not None):
            raise BadRequest(
                "ids: expected the runs to replay, or handler, service or issue whose failed runs are meant"
            )
        wanted = Wanted(
            project=body.project,
            environments=environments.every(body.environments),
            handler=body.handler,
            service=body.service,
            issue=body.issue,
            ids=tuple(body.ids),
        )
        ask = Ask(
            reason=body.reason,
            dry_run=body.dry_run,
            confirm_unknown=body.confirm_unknown,
            rate_per_minute=body.rate_per_minute,
        )
        asked = await desk.replay(actor, wanted, ask)
        return ReplayAsked(batch_id=asked.batch_id, ordered=asked.ordered, left_out=asked.left_out)

    @router.get("/handler-replays/{batch}", dependencies=[viewer])
    async def handler_replay(batch: Id, project: Project = 1) -> ReplayBatch:
        """How far it is, and its orders, the last ones first."""
        progress = await desk.orders.progress(project, batch)
        orders = await desk.orders.page(project, batch=batch, limit=ORDERS_SHOWN)
        return ReplayBatch(
            batch_id=batch,
            counts=[_count(state, outcome, orders) for (state, outcome), orders in sorted(progress.items())],
            orders=[_order(one) for one in orders],
        )

    @router.delete("/handler-replays/{batch}")
    async def cancel_handler_replay(batch: Id, actor: Engineer, project: Project = 1) -> ReplayCancelled:
        """Orders that no app has yet; what an app has it carries out."""
        return ReplayCancelled(cancelled=await desk.orders.cancel(actor, project, batch))

    return router


def _before(cursor: str | None) -> tuple[int, str] | None:
    if cursor is None:
        return None
    failed, _, id_ = cursor.partition(".")
    return int(failed), id_


def _time(ms: int) -> str:
    return format_time(ms * 10**6)


def _time_or_none(ms: int | None) -> str | None:
    return None if ms is None else _time(ms)


def _count(state: Any, outcome: Any, orders: int) -> ReplayCount:
    return ReplayCount(state=state, outcome=outcome, orders=orders)


def _run(row: HandlerRunRow, issue: int | None, order: HandlerOrderRow | None) -> HandlerRun:
    state: Any = row.state
    return HandlerRun(
        id=row.id,
        handler=row.handler,
        service=row.service,
        environment=row.environment,
        key=row.key,
        state=state,
        attempt=row.attempt,
        error_type=row.error_type,
        error_text=row.error_text,
        event_id=row.event_id,
        trace_id=row.trace_id,
        span_id=row.span_id,
        correlation_id=row.correlation_id,
        issue_id=issue,
        started=_time(row.started_ms),
        failed=_time(row.failed_ms),
        done=_time_or_none(row.done_ms),
        refusal=row.refusal,
        is_sealed=is_sealed(row.payload),
        order=None if order is None else _order(order),
    )


def _order(row: HandlerOrderRow) -> HandlerOrder:
    state: Any = row.state
    outcome: Any = row.outcome
    return HandlerOrder(
        id=row.id,
        batch_id=row.batch_id,
        run=row.run,
        handler=row.handler,
        service=row.service,
        environment=row.environment,
        state=state,
        outcome=outcome,
        detail=row.detail,
        seconds=row.seconds,
        dry_run=row.dry_run,
        confirm_unknown=row.confirm_unknown,
        reason=row.reason,
        asked_by=row.asked_by,
        asked=_time(row.asked_ms),
        due=_time(row.due_ms),
        given_to=row.given_to,
        finished=_time_or_none(row.finished_ms),
    )
