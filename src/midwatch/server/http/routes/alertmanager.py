"""Alertmanager's API v2 under `/alertmanager/api/v2`, as amtool, Prometheus, Grafana and scripts ask it."""

import asyncio
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response

from midwatch.server.alerting.acts import AlertActs
from midwatch.server.alerting.desk import AlertDesk
from midwatch.server.alerting.silences import Silence, SilenceState
from midwatch.server.alerting.view import AlertView, Chosen, filtered, firing, grouped, labels_of_receivers
from midwatch.server.http.alertmanager_bodies import (
    alert_shown,
    alerts_of,
    parsed_matchers,
    read_json,
    silence_from,
    silence_shown,
)
from midwatch.server.http.auth import Guard
from midwatch.server.model.actor import Actor, Role, Scope
from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import BadRequest
from midwatch.server.promql.matchers import Matcher, Pattern, compile_pattern
from midwatch.server.protocols.alertmanager.times import written_time
from midwatch.server.schemas.alertmanager import (
    AlertGroup,
    AlertmanagerReceiver,
    AlertmanagerStatus,
    GettableAlert,
    GettableSilence,
    PostableAlert,
    PostableSilence,
    SilenceKept,
)

PREFIX = "/alertmanager/api/v2"
VERSION = "0.33.0"
"""Of the Alertmanager whose API this is."""
_THREADED_BYTES = 64 * 1024
"""Bodies over this are read in a thread: a storm of alerts takes a second."""
_TEXT = {"content": {"application/json": {"schema": {"type": "string"}}}}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {**_TEXT, "description": text}
    for status, text in {
        400: "The request cannot be understood; the text says why.",
        401: "Nobody is signed in.",
        403: "The caller may not do this.",
        404: "There is no such thing.",
        413: "Larger than a limit.",
        422: "A field of the request is missing or wrong.",
        429: "More alerts than are known at once.",
        503: "A part Midwatch needs does not answer now.",
    }.items()
}
Filters = Annotated[list[str], Query(alias="filter")]
ReceiverMatchers = Annotated[list[str], Query()]


def _answers(shape: Any) -> dict[str, Any]:
    return {"response_class": Response, "responses": {200: {"model": shape}}}


def _takes(shape: Any, *, many: bool = False) -> dict[str, Any]:
    schema: dict[str, Any] = {"$ref": f"#/components/schemas/{shape.__name__}"}
    content = {"application/json": {"schema": {"type": "array", "items": schema} if many else schema}}
    return {"requestBody": {"required": True, "content": content}}


def alertmanager_routes(desk: AlertDesk, acts: AlertActs, guard: Guard, clock: Clock) -> APIRouter:
    router = APIRouter(prefix=PREFIX, tags=["alertmanager"], responses=_RESPONSES)
    viewer = Depends(guard.requires(Role.VIEWER))
    Editor = Annotated[Actor, Depends(guard.requires(Role.EDITOR, scope=Scope.WRITE))]
    begun = written_time(clock.now_ns())

    @router.get("/status", dependencies=[viewer], **_answers(AlertmanagerStatus))
    async def alertmanager_status() -> Response:
        version = {"version": VERSION, "revision": "", "branch": "", "buildUser": "", "buildDate": "", "goVersion": ""}
        return _json(
            {
                "cluster": {"status": "disabled", "peers": []},
                "config": {"original": desk.configuration.text},
                "uptime": begun,
                "versionInfo": version,
            }
        )

    @router.get("/receivers", dependencies=[viewer], **_answers(list[AlertmanagerReceiver]))
    async def alertmanager_receivers(receiver_matchers: ReceiverMatchers = []) -> Response:  # noqa: B006
        matchers = parsed_matchers(receiver_matchers, "receiver_matchers")
        receivers = desk.configuration.receivers.values()
        return _json([{"name": one.name, "labels": one.labels} for one in receivers if filtered(matchers, one.labels)])

    @router.get("/alerts", dependencies=[viewer], **_answers(list[GettableAlert]))
    async def alertmanager_alerts(
        filters: Filters = [],  # noqa: B006
        receiver_matchers: ReceiverMatchers = [],  # noqa: B006
        receiver: str | None = None,
        active: bool = True,  # noqa: FBT001, FBT002 - Alertmanager's
        silenced: bool = True,  # noqa: FBT001, FBT002
        inhibited: bool = True,  # noqa: FBT001, FBT002
        unprocessed: bool = True,  # noqa: FBT001, FBT002 - there are none
    ) -> Response:
        dispatcher = await desk.current()
        chosen = _chosen(filters, active=active, silenced=silenced, inhibited=inhibited)
        pattern, matchers = _pattern(receiver), parsed_matchers(receiver_matchers, "receiver_matchers")

        def meant(view: AlertView) -> bool:
            if not chosen(view) or (pattern and not any(map(pattern.fullmatch, view.receivers))):
                return False
            labels = labels_of_receivers(dispatcher, view.receivers) if matchers else ()
            return not matchers or any(filtered(matchers, one) for one in labels)

        views = await firing(dispatcher, clock.now_ns(), meant)
        return await asyncio.to_thread(lambda: _json([alert_shown(view) for view in views]))

    @router.post("/alerts", openapi_extra=_takes(PostableAlert, many=True), **_answers(None))
    async def alertmanager_post_alerts(request: Request, _: Editor) -> Response:
        """Those that are right are taken in; what is wrong with the others is answered with a 400."""
        body = await request.body()
        if len(body) > _THREADED_BYTES:
            alerts, wrong = await asyncio.to_thread(alerts_of, body)
        else:
            alerts, wrong = alerts_of(body)
        if alerts:
            await desk.put(alerts)
        if wrong:
            raise BadRequest("\n".join(wrong))
        return Response(status_code=200)

    @router.get("/alerts/groups", dependencies=[viewer], **_answers(list[AlertGroup]))
    async def alertmanager_groups(
        filters: Filters = [],  # noqa: B006
        receiver_matchers: ReceiverMatchers = [],  # noqa: B006
        receiver: str | None = None,
        active: bool = True,  # noqa: FBT001, FBT002
        silenced: bool = True,  # noqa: FBT001, FBT002
        inhibited: bool = True,  # noqa: FBT001, FBT002
        muted: bool = True,  # noqa: FBT001, FBT002
    ) -> Response:
        dispatcher = await desk.current()
        chosen = _chosen(filters, active=active, silenced=silenced, inhibited=inhibited)
        pattern, matchers = _pattern(receiver), parsed_matchers(receiver_matchers, "receiver_matchers")

        def told(name: str) -> bool:
            labels = labels_of_receivers(dispatcher, [name]) if matchers else ()
            named = pattern is None or pattern.fullmatch(name) is not None
            return named and (not matchers or any(filtered(matchers, one) for one in labels))

        groups = await grouped(dispatcher, clock.now_ns(), chosen, told)
        return _json(
            [
                {
                    "labels": one.group.labels,
                    "routeLabels": one.group.route.options.labels,
                    "receiver": {"name": one.receiver},
                    "alerts": [alert_shown(view) for view in one.alerts],
                }
                for one in groups
                if muted or not one.muted_by
            ]
        )

    @router.get("/silences", dependencies=[viewer], **_answers(list[GettableSilence]))
    async def alertmanager_silences(
        filters: Filters = [],  # noqa: B006
        active: bool = True,  # noqa: FBT001, FBT002
        pending: bool = True,  # noqa: FBT001, FBT002
        expired: bool = True,  # noqa: FBT001, FBT002
    ) -> Response:
        """Active ones by their end, then pending ones by their start, then those that ended last."""
        now_ns = clock.now_ns()
        wanted = set(parsed_matchers(filters, "filter"))
        meant = {SilenceState.ACTIVE: active, SilenceState.PENDING: pending, SilenceState.EXPIRED: expired}
        found = [one for one in await acts.silences() if meant[one.state(now_ns)] and wanted <= set(one.matchers)]
        found.sort(key=lambda one: _silence_order(one, now_ns))
        return _json([silence_shown(one, now_ns) for one in found])

    @router.post("/silences", openapi_extra=_takes(PostableSilence), **_answers(SilenceKept))
    async def alertmanager_post_silence(request: Request, actor: Editor) -> Response:
        """One with an id changes that one; where it cannot be changed in place, a new one takes its place."""
        wanted = silence_from(read_json(await request.body()))
        return _json({"silenceID": await acts.put_silence(actor, wanted)})

    @router.get("/silence/{silence_id}", dependencies=[viewer], **_answers(GettableSilence))
    async def alertmanager_silence(silence_id: str) -> Response:
        return _json(silence_shown(await acts.silence(silence_id), clock.now_ns()))

    @router.delete("/silence/{silence_id}", **_answers(None))
    async def alertmanager_expire_silence(silence_id: str, actor: Editor) -> Response:
        await acts.expire_silence(actor, silence_id)
        return Response(status_code=200)

    return router


def _json(value: Any) -> Response:
    return Response(orjson.dumps(value), media_type="application/json", headers={"cache-control": "no-store"})


def _silence_order(one: Silence, now_ns: int) -> tuple[int, int]:
    state = one.state(now_ns)
    if state is SilenceState.ACTIVE:
        return 1, one.ends_at_ns
    return (2, one.starts_at_ns) if state is SilenceState.PENDING else (3, -one.ends_at_ns)


def _chosen(filters: list[str], *, active: bool, silenced: bool, inhibited: bool) -> Chosen:
    matchers: list[Matcher] = parsed_matchers(filters, "filter")

    def chosen(view: AlertView) -> bool:
        return (
            filtered(matchers, view.alert.labels)
            and (active or bool(view.silenced_by or view.inhibited_by))
            and (silenced or not view.silenced_by)
            and (inhibited or not view.inhibited_by)
        )

    return chosen


def _pattern(receiver: str | None) -> Pattern | None:
    if receiver is None:
        return None
    try:
        return compile_pattern(receiver)
    except ValueError as error:
        raise BadRequest(f"failed to parse receiver param: {error}") from None
