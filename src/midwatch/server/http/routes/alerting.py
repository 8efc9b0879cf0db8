"""`/api/v1/alerts` and what belongs to them: groups, marks, silences, routing, history, noise."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from midwatch.server.alerting.acts import AlertActs
from midwatch.server.alerting.config.model import compiled
from midwatch.server.alerting.configuration import PAGE_RECEIVER
from midwatch.server.alerting.desk import AlertDesk
from midwatch.server.alerting.history import Happening
from midwatch.server.alerting.looking_back import look_back
from midwatch.server.alerting.marks import MarkKind
from midwatch.server.alerting.noise import noise
from midwatch.server.alerting.oncall.telling import OnCallTell
from midwatch.server.alerting.overview import Standing, Wanted, overview, shares
from midwatch.server.alerting.silences import Silence
from midwatch.server.alerting.silences import check as check_silence
from midwatch.server.alerting.view import Chosen, filtered, firing, grouped, view_of
from midwatch.server.http.alerting_shown import (
    shown_alert,
    shown_counts,
    shown_event,
    shown_group,
    shown_mark,
    shown_receivers,
    shown_route,
    shown_silence,
)
from midwatch.server.http.alertmanager_bodies import parsed_matchers
from midwatch.server.http.auth import Guard
from midwatch.server.http.errors import PROBLEM_RESPONSES
from midwatch.server.http.routing_shown import answered
from midwatch.server.model.actor import Actor, Role, Scope
from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import BadRequest
from midwatch.server.model.timerange import format_time, parse_range, parse_time
from midwatch.server.promql.matchers import Matcher
from midwatch.server.protocols.alertmanager.matchers import WrittenMatcher, read_matchers
from midwatch.server.protocols.alertmanager.times import read_time
from midwatch.server.schemas.alerting import (
    AlertDetail,
    AlertGroupList,
    AlertGroupShown,
    AlertHistory,
    AlertList,
    AlertMark,
    AlertMarkList,
    AlertMarkRequest,
    NoiseReport,
    RoutingAnswer,
    RoutingQuestion,
    RoutingTree,
    RuleNoiseShown,
    SilenceList,
    SilencePreview,
    SilenceRequest,
    SilenceShown,
)
from midwatch.server.workspace.alerting import EVENTS_PAGE_MAX, AlertingState

SHOWN_MAX = 1000
PREVIEW_MAX = 100
DETAIL_EVENTS = 100
_DAY_SECONDS = 86_400.0
_NUMBER_MAX = 2**63 - 1
Fingerprint = Annotated[str, Path(pattern=r"^[0-9a-f]{16,64}$")]
Filters = Annotated[list[str], Query(alias="filter", max_length=50)]
Kinds = Annotated[list[Happening], Query(alias="kind", max_length=20)]
RuleName = Annotated[str | None, Query(max_length=500)]
GroupKey = Annotated[str | None, Query(max_length=2000)]
"""An address has 64 KiB, and a character may take twelve bytes of it."""


def alerting_routes(
    desk: AlertDesk, acts: AlertActs, state: AlertingState, on_call: OnCallTell, guard: Guard, clock: Clock
) -> list[APIRouter]:
    return [
        _alert_routes(desk, acts, state, guard, clock),
        _silence_routes(desk, acts, guard, clock),
        _routing_routes(desk, on_call, guard, clock),
        _report_routes(state, guard, clock),
    ]


def _router() -> APIRouter:
    return APIRouter(prefix="/api/v1", tags=["alerts"], responses=PROBLEM_RESPONSES)


def _alert_routes(desk: AlertDesk, acts: AlertActs, state: AlertingState, guard: Guard, clock: Clock) -> APIRouter:
    router = _router()
    viewer = Depends(guard.requires(Role.VIEWER))
    Editor = Annotated[Actor, Depends(guard.requires(Role.EDITOR, scope=Scope.WRITE))]

    @router.get("/alerts", dependencies=[viewer])
    async def alerts(filters: Filters = [], limit: Annotated[int, Query(ge=1, le=SHOWN_MAX)] = 500) -> AlertList:  # noqa: B006
        """Alerts that fire. `filter` is a matcher (`severity="page"`), and may come often."""
        dispatcher, now_ns = await desk.current(), clock.now_ns()
        found = await firing(dispatcher, now_ns, _chosen(filters))
        found.sort(key=lambda view: -view.alert.starts_at_ns)
        views = [view_of(dispatcher, view.alert, now_ns) for view in found[:limit]]
        return AlertList(alerts=[shown_alert(view, dispatcher) for view in views], total=len(found))

    @router.get("/alert-groups", dependencies=[viewer])
    async def alert_groups(
        filters: Filters = [],  # noqa: B006
        standing: Standing | None = None,
        words: Annotated[str, Query(max_length=500)] = "",
        group_key: GroupKey = None,
        limit: Annotated[int, Query(ge=1, le=SHOWN_MAX)] = 200,
        per_group: Annotated[int, Query(ge=1, le=SHOWN_MAX)] = 50,
    ) -> AlertGroupList:
        """Alerts that fire as they are told of together, the most urgent first: of a group or of all, those that the
        filters choose, that stand so, and of which each word is in the receiver, a label or the summary."""
        dispatcher = await desk.current()
        groups = await grouped(dispatcher, clock.now_ns(), _chosen(filters), key=group_key)
        found = await overview(dispatcher.marks, groups, Wanted(standing, tuple(words.lower().split())))
        shown = found.groups[:limit]
        sizes = shares([len(one.alerts) for one in shown], per_group, SHOWN_MAX)
        listed: list[AlertGroupShown] = []
        for one, size in zip(shown, sizes, strict=True):
            listed.append(shown_group(one, dispatcher, size))
            await asyncio.sleep(0)
        return AlertGroupList(
            groups=listed,
            total=len(found.groups),
            alerts=sum(len(one.alerts) for one in found.groups),
            counts=shown_counts(found.counts),
        )

    @router.get("/alerts/{fingerprint}", dependencies=[viewer])
    async def alert(fingerprint: Fingerprint) -> AlertDetail:
        """One alert, and what happened to it; also where it fires no more."""
        dispatcher, now_ns = await desk.current(), clock.now_ns()
        known = dispatcher.known.get(fingerprint)
        rows = await state.events(fingerprint=fingerprint, limit=DETAIL_EVENTS)
        fires = known is not None and not known.alert.resolved(now_ns)
        shown = shown_alert(view_of(dispatcher, known.alert, now_ns), dispatcher) if known and fires else None
        return AlertDetail(alert=shown, events=[shown_event(row) for row in rows])

    @router.get("/alert-marks", dependencies=[viewer])
    async def alert_marks() -> AlertMarkList:
        """What people said of alerts that fire, newest first."""
        marks = sorted((await desk.current()).marks.all(), key=lambda one: -one.at_ns)
        return AlertMarkList(marks=[shown_mark(one) for one in marks])

    @router.post("/alert-marks", status_code=201)
    async def mark_alert(body: AlertMarkRequest, actor: Editor) -> AlertMark:
        """Acknowledge, snooze or assign an alert, or all that fire in a group."""
        until_ns = 0 if body.until is None else _time("until", body.until)
        made = await acts.mark(
            actor,
            MarkKind(body.kind),
            fingerprint=body.fingerprint,
            group_key=body.group_key,
            comment=body.comment,
            until_ns=until_ns,
            assignee=body.assignee,
        )
        return shown_mark(made)

    @router.delete("/alert-marks/{mark_id}", status_code=204, response_class=Response)
    async def unmark_alert(mark_id: Annotated[str, Path(max_length=64)], actor: Editor) -> None:
        await acts.unmark(actor, mark_id)

    return router


def _silence_routes(desk: AlertDesk, acts: AlertActs, guard: Guard, clock: Clock) -> APIRouter:
    router = _router()
    viewer = Depends(guard.requires(Role.VIEWER))
    Editor = Annotated[Actor, Depends(guard.requires(Role.EDITOR, scope=Scope.WRITE))]
    Id = Annotated[str, Path(max_length=64)]

    async def shown(one: Silence) -> SilenceShown:
        return shown_silence(one, clock.now_ns(), len(await acts.hidden_by(one)))

    @router.get("/silences", dependencies=[viewer])
    async def silences() -> SilenceList:
        """Those that are not over, and then those that ended in the last five days; of each the newest first."""
        now_ns, hides = clock.now_ns(), await acts.hide_counts()
        found = sorted(await acts.silences(), key=lambda one: (one.ends_at_ns <= now_ns, -one.updated_at_ns))
        listed = [shown_silence(one, now_ns, hides.get(one.id, 0)) for one in found[:SHOWN_MAX]]
        return SilenceList(silences=listed, total=len(found))

    @router.post("/silences", status_code=201)
    async def add_silence(body: SilenceRequest, actor: Editor) -> SilenceShown:
        id_ = await acts.put_silence(actor, _silence(body, actor, clock))
        return await shown(await acts.silence(id_))

    @router.get("/silences/{silence_id}", dependencies=[viewer])
    async def silence(silence_id: Id) -> SilenceShown:
        return await shown(await acts.silence(silence_id))

    @router.put("/silences/{silence_id}")
    async def change_silence(silence_id: Id, body: SilenceRequest, actor: Editor) -> SilenceShown:
        """One that cannot be changed in place ends, and a new one with an id of its own takes its place."""
        before = await acts.silence(silence_id)
        id_ = await acts.put_silence(actor, _silence(body, actor, clock, before))
        return await shown(await acts.silence(id_))

    @router.delete("/silences/{silence_id}", status_code=204, response_class=Response)
    async def expire_silence(silence_id: Id, actor: Editor) -> None:
        """It ends now, and stays listed for five days."""
        await acts.expire_silence(actor, silence_id)

    @router.post("/silence-preview", dependencies=[viewer])
    async def preview_silence(body: SilenceRequest) -> SilencePreview:
        """What a silence would hide of what fires now; makes none."""
        dispatcher, now_ns = await desk.current(), clock.now_ns()
        wanted = _silence(body, None, clock)
        never = ""
        try:
            check_silence(wanted, now_ns)
        except BadRequest as error:
            never = error.message
        hidden = await acts.hidden_by(wanted)
        views = [view_of(dispatcher, one, now_ns) for one in hidden[:PREVIEW_MAX]]
        return SilencePreview(hides=len(hidden), alerts=[shown_alert(view, dispatcher) for view in views], never=never)

    return router


def _routing_routes(desk: AlertDesk, on_call: OnCallTell, guard: Guard, clock: Clock) -> APIRouter:
    router = _router()
    viewer = Depends(guard.requires(Role.VIEWER))

    @router.get("/alert-routing", dependencies=[viewer])
    async def routing_tree() -> RoutingTree:
        dispatcher, now_ns = await desk.current(), clock.now_ns()
        configuration = dispatcher.configuration
        return RoutingTree(
            root=shown_route(configuration.root, configuration, dispatcher.groups.values(), now_ns),
            receivers=shown_receivers(configuration),
            intervals=list(configuration.intervals),
            built_in=list(configuration.receivers) == [PAGE_RECEIVER],
        )

    @router.post("/alert-routing", dependencies=[viewer])
    async def ask_routing(body: RoutingQuestion) -> RoutingAnswer:
        """Where an alert of these labels would go, by which way through the tree, and who is on call then."""
        labels = {name: value for name, value in body.labels.items() if value}
        now_ns = clock.now_ns()
        at_ns = now_ns if body.time is None else parse_time(body.time, now_ns=now_ns)
        return answered(await desk.current(), on_call, labels, at_ns, now=body.time is None)

    return router


def _report_routes(state: AlertingState, guard: Guard, clock: Clock) -> APIRouter:
    router = _router()
    viewer = Depends(guard.requires(Role.VIEWER))

    @router.get("/alert-history", dependencies=[viewer])
    async def alert_history(
        rule: RuleName = None,
        fingerprint: Annotated[str | None, Query(max_length=64)] = None,
        group_key: GroupKey = None,
        kinds: Kinds = [],  # noqa: B006
        filters: Filters = [],  # noqa: B006
        start: Annotated[str | None, Query(max_length=64)] = None,
        end: Annotated[str | None, Query(max_length=64)] = None,
        cursor: Annotated[str | None, Query(pattern=r"^\d{1,19}-\d{1,19}$")] = None,
        limit: Annotated[int, Query(ge=1, le=EVENTS_PAGE_MAX)] = 100,
    ) -> AlertHistory:
        """Every change of every alert, newest first; nothing of it is ever forgotten. `filter` has matchers, and may
        come often. Where very much was looked at, fewer than `limit` come, with a cursor to go on from."""
        before = None
        if cursor is not None:
            at_ns, _, id_ = cursor.partition("-")
            before = (min(int(at_ns), _NUMBER_MAX), min(int(id_), _NUMBER_MAX))
        found = await look_back(
            state,
            _matchers(filters),
            before=before,
            limit=limit,
            rule=rule,
            fingerprint=fingerprint,
            group_key=group_key,
            kinds=[kind.value for kind in kinds],
            since_ns=None if start is None else parse_time(start, now_ns=clock.now_ns(), name="start"),
            until_ns=None if end is None else parse_time(end, now_ns=clock.now_ns(), name="end"),
        )
        return AlertHistory(
            events=[shown_event(row) for row in found.rows],
            next_cursor=None if found.next is None else f"{found.next[0]}-{found.next[1]}",
        )

    @router.get("/alert-noise", dependencies=[viewer])
    async def alert_noise(
        start: Annotated[str | None, Query(max_length=64)] = None,
        end: Annotated[str | None, Query(max_length=64)] = None,
    ) -> NoiseReport:
        """Which rules wake people for nothing, and what would mend them; of the last two weeks."""
        asked = parse_range(start, end, now_ns=clock.now_ns(), default_seconds=14 * _DAY_SECONDS)
        lines, partial = await state.told_apart(asked.start_ns, asked.end_ns)
        rules = await asyncio.to_thread(noise, lines)
        return NoiseReport(
            rules=[
                RuleNoiseShown(
                    rule=one.rule,
                    fired=one.fired,
                    notified=one.notified,
                    acknowledged=one.acknowledged,
                    slept_through=one.slept_through,
                    flapped=one.flapped,
                    silenced=one.silenced,
                    median_seconds=one.seconds,
                    suggestions=one.suggestions,
                )
                for one in rules
            ],
            start=format_time(asked.start_ns),
            end=format_time(asked.end_ns),
            partial=partial,
        )

    return router


def _chosen(filters: list[str]) -> Chosen:
    matchers = parsed_matchers(filters, "filter")
    return lambda view: filtered(matchers, view.alert.labels)


def _matchers(texts: list[str]) -> list[Matcher]:
    try:
        return [compiled(one) for text in texts for one in read_matchers(text)]
    except ValueError as error:
        raise BadRequest(f"filter: {error}") from None


def _time(name: str, text: str) -> int:
    try:
        found = read_time(text)
    except ValueError:
        found = 0
    if not found:
        raise BadRequest(f"{name}={text!r}: expected a time as RFC 3339 has it, such as 2026-11-20T22:57:07Z")
    return found


def _silence(body: SilenceRequest, actor: Actor | None, clock: Clock, before: Silence | None = None) -> Silence:
    written = [WrittenMatcher(one.name, one.operator, one.value) for one in body.matchers]
    try:
        written += read_matchers(body.text)
        matchers = tuple(compiled(one) for one in written)
    except ValueError as error:
        raise BadRequest(f"matchers: {error}") from None
    starts_ns = clock.now_ns() if body.starts_at is None else _time("starts_at", body.starts_at)
    if before is not None and body.starts_at is None:
        starts_ns = before.starts_at_ns
    return Silence(
        matchers=matchers,
        starts_at_ns=starts_ns,
        ends_at_ns=_time("ends_at", body.ends_at),
        created_by=before.created_by if before is not None else "" if actor is None else actor.name,
        comment=body.comment,
        id="" if before is None else before.id,
        annotations={} if before is None else before.annotations,
    )
