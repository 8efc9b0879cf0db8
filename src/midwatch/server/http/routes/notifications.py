"""`/api/v1/notifications` and `/api/v1/receivers`: what was sent, what was answered, and whether receivers work."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query

from midwatch.server.http.auth import Guard
from midwatch.server.http.errors import PROBLEM_RESPONSES
from midwatch.server.model.actor import Actor, Role, Scope
from midwatch.server.model.alert import Alert
from midwatch.server.model.timerange import format_time
from midwatch.server.notify.desk import NotifyDesk, ReceiverView, Tested
from midwatch.server.notify.outcome import Verdict
from midwatch.server.schemas.notifications import (
    Exchange,
    IntegrationStatus,
    NotificationAttempt,
    NotificationDetail,
    NotificationList,
    NotificationSummary,
    NotifiedAlert,
    ReceiverList,
    ReceiverStatus,
    ReceiverTest,
    ReceiverTested,
    Resent,
    TestedIntegration,
)
from midwatch.server.workspace.deliveries import Fares
from midwatch.server.workspace.models import AttemptRow, NotificationRow
from midwatch.server.workspace.outbox import PAGE_MAX, State, notification_of

Id = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")]
Receiver = Annotated[str | None, Query(max_length=200)]


def notifications_routes(desk: NotifyDesk, guard: Guard) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["notifications"], responses=PROBLEM_RESPONSES)
    viewer = Depends(guard.requires(Role.VIEWER))
    Editor = Annotated[Actor, Depends(guard.requires(Role.EDITOR, scope=Scope.WRITE))]

    @router.get("/notifications", dependencies=[viewer])
    async def notifications(
        receiver: Receiver = None,
        group_key: Annotated[str | None, Query(max_length=2000)] = None,
        state: State | None = None,
        fingerprint: Annotated[str | None, Query(pattern=r"^[0-9a-f]{16}$")] = None,
        before: Annotated[str | None, Query(pattern=r"^[0-9a-f-]{36}$")] = None,
        limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 100,
    ) -> NotificationList:
        """Newest first; `before` is the id that the page before ended with. `fingerprint`: what told of that alert."""
        found = await desk.outbox.page(
            receiver=receiver, group_key=group_key, state=state, fingerprint=fingerprint, before=before, limit=limit
        )
        shown = [NotificationSummary(**_summary(row)) for row in found.rows]
        return NotificationList(notifications=shown, more=found.more)

    @router.get("/notifications/{id}", dependencies=[viewer])
    async def notification(id: Id) -> NotificationDetail:
        """With its alerts, and every request and answer that is kept."""
        row, attempts = await desk.outbox.get(id)
        made = notification_of(row)
        return NotificationDetail(
            **_summary(row),
            group_labels=dict(made.group_labels),
            alerts=[_alert(one, "firing") for one in made.firing] + [_alert(one, "resolved") for one in made.resolved],
            context=dict(made.context),
            history=[_attempt(one) for one in attempts],
        )

    @router.post("/notifications/{id}/resend", status_code=201)
    async def resend_notification(id: Id, actor: Editor) -> Resent:
        """The same once more, as a notification of its own."""
        return Resent(id=await desk.outbox.resend(actor, id))

    @router.get("/receivers", dependencies=[viewer])
    async def receivers() -> ReceiverList:
        """Of the plan in force, with the last success and failure of each of their integrations."""
        return ReceiverList(receivers=[_receiver(one) for one in await desk.receivers()])

    @router.post("/receivers/{name:path}/test")
    async def test_receiver(
        name: Annotated[str, Path(max_length=200)], body: ReceiverTest, actor: Editor
    ) -> ReceiverTested:
        """Send a message that is marked as a test by every integration of the receiver; what their vendors answer."""
        return ReceiverTested(results=[_tested(one) for one in await desk.test(actor, name, body.message)])

    return router


def _at(ms: int | None) -> str | None:
    return None if ms is None else format_time(ms * 1_000_000)


def _summary(row: NotificationRow) -> dict[str, Any]:
    waits = row.state == State.PENDING
    return {
        "id": row.id,
        "receiver": row.receiver,
        "integration": f"{row.kind}[{row.place}]",
        "group_key": row.group_key,
        "reason": row.reason,
        "firing": row.firing,
        "resolved": row.resolved,
        "state": row.state,
        "attempts": row.attempts,
        "decided": format_time(row.at_ns),
        "created": _at(row.created_ms),
        "finished": _at(row.finished_ms),
        "next_attempt": _at(row.next_ms) if waits else None,
        "error": row.error,
        "resend_of": row.resend_of,
    }


def _alert(alert: Alert, status: str) -> NotifiedAlert:
    return NotifiedAlert(
        status=status,
        labels=dict(alert.labels),
        annotations=dict(alert.annotations),
        starts_at=format_time(alert.starts_at_ns),
        ends_at=format_time(alert.ends_at_ns) if status == "resolved" else None,
        generator_url=alert.generator_url,
        fingerprint=alert.fingerprint,
    )


def _attempt(row: AttemptRow) -> NotificationAttempt:
    return NotificationAttempt(
        attempt=row.attempt,
        at=format_time(row.at_ms * 1_000_000),
        seconds=row.seconds,
        verdict=row.verdict,
        error=row.error,
        exchanges=[Exchange.model_validate(one) for one in row.exchanges],
    )


def _receiver(view: ReceiverView) -> ReceiverStatus:
    shown = [_integration(f"{one.kind}[{one.index}]", fares) for one, fares in view.integrations.items()]
    return ReceiverStatus(name=view.name, integrations=shown)


def _integration(name: str, fares: Fares) -> IntegrationStatus:
    return IntegrationStatus(
        integration=name,
        last_delivered=_at(fares.delivered_ms),
        last_failed=_at(fares.failed_ms),
        failing_since=_at(fares.failing_since_ms),
        lost=fares.lost,
        error=fares.error,
    )


def _tested(one: Tested) -> TestedIntegration:
    return TestedIntegration(
        integration=f"{one.integration.kind}[{one.integration.index}]",
        notification_id=one.notification_id,
        delivered=one.attempt.outcome.verdict is Verdict.DELIVERED,
        error=one.attempt.outcome.error,
        seconds=one.attempt.seconds,
        exchanges=[Exchange.model_validate(exchange) for exchange in one.attempt.exchanges],
    )
