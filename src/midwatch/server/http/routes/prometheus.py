"""Prometheus's HTTP API under `/prometheus/api/v1`, as Grafana, promtool and scripts ask it: GET, or a form by POST."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Path, Response

from midwatch._version import __version__
from midwatch.server.http.auth import Guard
from midwatch.server.http.errors import error_responses
from midwatch.server.http.prometheus_params import Asked, asked, described, described_form, invalid
from midwatch.server.http.routes.prometheus_targets import STATES, described_targets
from midwatch.server.http.scope_params import Names
from midwatch.server.model.actor import Role, Scope
from midwatch.server.model.clock import Clock, now_ms
from midwatch.server.promql import ParserOptions, narrowed, parse, parse_matchers, parse_selector, to_text
from midwatch.server.promql.errors import ParseError
from midwatch.server.promql.labels import is_label_name
from midwatch.server.promql.matchers import Matcher
from midwatch.server.promql.wire import tree
from midwatch.server.promql.wire.names import unescaped
from midwatch.server.query.metrics.deleting import SeriesDeletion
from midwatch.server.query.metrics.lists import LIST_MAX, MetricLists
from midwatch.server.query.metrics.queries import SECONDS_MAX, Wanted
from midwatch.server.query.metrics.rooms import MetricRooms
from midwatch.server.query.metrics.scope import TIME_MS_MAX, TIME_MS_MIN, SeriesScope
from midwatch.server.query.metrics.tsdb_status import TOP_MAX
from midwatch.server.schemas.base import PrometheusProblem
from midwatch.server.scrape.state import Targets

_RESPONSES = error_responses(PrometheusProblem)
_DAY_MS = 86_400_000
_TRUNCATED = "results truncated due to limit"
_QUERY = ("query", "time", "timeout", "limit", "lookback_delta", "stats", "env", "extra_filters[]")
_RANGE = ("start", "end", "step", *(one for one in _QUERY if one != "time"))
_LIST = ("match[]", "start", "end", "limit", "env")
PREFIX = "/prometheus/api/v1"
Of = Annotated[Asked, Depends(asked)]


def prometheus_routes(
    rooms: MetricRooms, targets: Targets, guard: Guard, environments: Names, clock: Clock
) -> list[APIRouter]:
    scopes = _Scopes(environments)
    return [
        _query_routes(rooms, guard, scopes, clock),
        _list_routes(rooms.lists, guard, scopes),
        _status_routes(rooms, targets, guard, scopes, clock),
        _admin_routes(rooms.deletion, guard, scopes),
    ]


class _Scopes:
    def __init__(self, environments: Names) -> None:
        self._environments = environments

    def of(self, ask: Asked) -> SeriesScope:
        """An environment under all of its names."""
        return SeriesScope(environments=self._environments.every(name[:1024] for name in ask.texts("env")))


_BUILD = {
    "version": "3.5.0",
    "revision": "",
    "branch": "",
    "buildUser": "",
    "buildDate": "",
    "goVersion": "",
    "application": "Midwatch",
    "applicationVersion": __version__,
}
"""Clients choose what they ask by the version: it is that of the Prometheus whose API this is."""


def _router(guard: Guard, role: Role = Role.VIEWER, scope: Scope = Scope.READ) -> APIRouter:
    allowed = Depends(guard.requires(role, scope=scope))
    return APIRouter(prefix=PREFIX, tags=["prometheus"], responses=_RESPONSES, dependencies=[allowed])


def _query_routes(rooms: MetricRooms, guard: Guard, scopes: _Scopes, clock: Clock) -> APIRouter:
    router, queries = _router(guard), rooms.queries

    @router.get("/query", openapi_extra=described(*_QUERY, needed=("query",)))
    @router.post("/query", openapi_extra=described_form(*_QUERY))
    async def query(ask: Of) -> Response:
        text = _question(ask, queries.engine.options.parser)
        time_ms = ask.time_ms("time", now_ms(clock))
        return _json(await queries.instant(scopes.of(ask), text, time_ms, _wanted(ask)))

    @router.get("/query_range", openapi_extra=described(*_RANGE, needed=("query", "start", "end", "step")))
    @router.post("/query_range", openapi_extra=described_form(*_RANGE))
    async def query_range(ask: Of) -> Response:
        text, step_ms = _question(ask, queries.engine.options.parser), ask.duration_ms("step")
        start_ms, end_ms = ask.time_ms("start"), ask.time_ms("end")
        return _json(await queries.range(scopes.of(ask), text, start_ms, end_ms, step_ms, _wanted(ask)))

    @router.get("/query_exemplars", openapi_extra=described("query", "start", "end", "env", needed=("query",)))
    @router.post("/query_exemplars", openapi_extra=described_form("query", "start", "end", "env"))
    async def query_exemplars(ask: Of) -> Response:
        expr = parse(ask.needed("query"), queries.engine.options.parser)
        start_ms, end_ms = ask.time_ms("start", TIME_MS_MIN), ask.time_ms("end", TIME_MS_MAX)
        if end_ms < start_ms:
            raise invalid("end", "expected a time not before start")
        return _answer(await rooms.lists.exemplars(scopes.of(ask), expr, start_ms, end_ms))

    @router.get("/format_query", openapi_extra=described("query", needed=("query",)))
    @router.post("/format_query", openapi_extra=described_form("query"))
    async def format_query(ask: Of) -> Response:
        return _answer(to_text(parse(ask.needed("query"), queries.engine.options.parser)))

    @router.get("/parse_query", openapi_extra=described("query", needed=("query",)))
    @router.post("/parse_query", openapi_extra=described_form("query"))
    async def parse_query(ask: Of) -> Response:
        return _answer(tree(parse(ask.needed("query"), queries.engine.options.parser)))

    return router


def _list_routes(lists: MetricLists, guard: Guard, scopes: _Scopes) -> APIRouter:
    router = _router(guard)

    @router.get("/series", openapi_extra=described(*_LIST, needed=("match[]",)))
    @router.post("/series", openapi_extra=described_form(*_LIST))
    async def series(ask: Of) -> Response:
        selectors, (start_ms, end_ms) = _selectors(ask, needed=True), _between(ask)
        found = await lists.series(scopes.of(ask), selectors, start_ms, end_ms)
        return _cut([dict(one) for one in found], ask.limit())

    @router.get("/labels", openapi_extra=described(*_LIST))
    @router.post("/labels", openapi_extra=described_form(*_LIST))
    async def labels(ask: Of) -> Response:
        start_ms, end_ms = _between(ask)
        limit = ask.limit() or LIST_MAX
        return _cut(await lists.names(scopes.of(ask), _selectors(ask), start_ms, end_ms, limit + 1), limit)

    @router.get("/label/{name}/values", openapi_extra=described(*_LIST))
    async def label_values(ask: Of, name: Annotated[str, Path(max_length=4096)]) -> Response:
        label = unescaped(name)
        if not is_label_name(label):
            raise invalid("name", f'invalid label name: "{label[:100]}"')
        start_ms, end_ms = _between(ask)
        limit = ask.limit() or LIST_MAX
        found = await lists.values(scopes.of(ask), label, _selectors(ask), start_ms, end_ms, limit + 1)
        return _cut(found, limit)

    @router.get("/metadata", openapi_extra=described("metric", "limit", "limit_per_metric"))
    async def metadata(ask: Of) -> Response:
        found = await lists.metadata(scopes.of(ask), ask.text("metric"), ask.limit(), ask.limit("limit_per_metric"))
        return _answer(found)

    return router


def _status_routes(rooms: MetricRooms, scraped: Targets, guard: Guard, scopes: _Scopes, clock: Clock) -> APIRouter:
    router, begun_ms = _router(guard), now_ms(clock)

    @router.get("/status/buildinfo")
    async def build_info() -> Response:
        return _answer(_BUILD)

    @router.get("/status/runtimeinfo")
    async def runtime_info() -> Response:
        started = _moment(begun_ms)
        return _answer(
            {
                "startTime": started,
                "serverTime": _moment(now_ms(clock)),
                "reloadConfigSuccess": True,
                "lastConfigTime": started,
                "corruptionCount": 0,
            }
        )

    @router.get("/status/tsdb", openapi_extra=described("start", "end", "limit", "env"))
    async def tsdb(ask: Of) -> Response:
        end_ms = ask.time_ms("end", now_ms(clock))
        start_ms = ask.time_ms("start", end_ms - _DAY_MS)
        top = min(ask.limit() or 10, TOP_MAX)
        return _answer(await rooms.tsdb_status.report(scopes.of(ask), start_ms, end_ms, top))

    @router.get("/targets", openapi_extra=described("state", "scrapePool"))
    async def targets(ask: Of) -> Response:
        state = ask.text("state", "any").lower() or "any"
        if state not in STATES:
            raise invalid("state", f"expected one of {', '.join(STATES)}")
        return _answer(described_targets(scraped, state, ask.text("scrapePool")))

    return router


def _admin_routes(deletion: SeriesDeletion, guard: Guard, scopes: _Scopes) -> APIRouter:
    router = _router(guard, Role.ADMIN, Scope.ADMIN)

    @router.post("/admin/tsdb/delete_series", status_code=204, openapi_extra=described_form("match[]", "start", "end"))
    @router.put("/admin/tsdb/delete_series", status_code=204, openapi_extra=described_form("match[]", "start", "end"))
    async def delete_series(ask: Of) -> Response:
        selectors, (start_ms, end_ms) = _selectors(ask, needed=True), _between(ask)
        for matchers in selectors:
            await deletion.delete(scopes.of(ask), matchers, start_ms, end_ms)
        return Response(status_code=204)

    return router


def _wanted(ask: Asked) -> Wanted:
    seconds = ask.duration_ms("timeout", int(SECONDS_MAX * 1000)) / 1000
    lookback_ms = ask.duration_ms("lookback_delta", 0)
    return Wanted(lookback_ms, ask.limit(), seconds, stats=bool(ask.text("stats")))


def _between(ask: Asked) -> tuple[int, int]:
    start_ms, end_ms = ask.time_ms("start", TIME_MS_MIN), ask.time_ms("end", TIME_MS_MAX)
    if end_ms < start_ms:
        raise invalid("end", "expected a time not before start")
    return start_ms, end_ms


def _question(ask: Asked, options: ParserOptions) -> str:
    """The query, narrowed by the filters that come beside it. Raises BadRequest, ParseError."""
    text = ask.needed("query")
    try:
        matchers = tuple(one for filters in ask.texts("extra_filters[]") for one in parse_matchers(filters))
    except ParseError as error:
        raise invalid("extra_filters[]", error.message) from None
    return to_text(narrowed(parse(text, options), matchers)) if matchers else text


def _selectors(ask: Asked, *, needed: bool = False) -> list[Sequence[Matcher]]:
    texts = ask.texts("match[]")
    if needed and not texts:
        raise invalid("match[]", "no match[] parameter provided")
    try:
        return [parse_selector(text).matchers for text in texts]
    except ParseError as error:
        raise invalid("match[]", error.message) from None


def _moment(time_ms: int) -> str:
    return f"{datetime.fromtimestamp(time_ms // 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _cut(found: list[Any], limit: int) -> Response:
    return _answer(found[: limit or None], warnings=[_TRUNCATED] if 0 < limit < len(found) else [])


def _answer(data: Any, *, warnings: Sequence[str] = ()) -> Response:
    notes = {"warnings": list(warnings)} if warnings else {}
    return _json(orjson.dumps({"status": "success", "data": data, **notes}))


def _json(content: bytes) -> Response:
    return Response(content, media_type="application/json")
