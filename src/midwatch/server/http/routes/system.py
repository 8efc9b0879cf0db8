"""`/api/v1/system/…`, dead letters and the first-run page."""

from typing import Annotated, Protocol

from fastapi import APIRouter, Depends, Path, Query, Response

from midwatch.server.http.auth import Guard
from midwatch.server.http.errors import PROBLEM_RESPONSES
from midwatch.server.model.actor import Actor, Role, Scope
from midwatch.server.model.clock import Clock
from midwatch.server.model.timerange import parse_range
from midwatch.server.schemas.system import (
    Backup,
    DeadLetterDetail,
    DeadLetterList,
    LimitHits,
    Onboarding,
    Retention,
    SystemStatus,
)
from midwatch.server.status.system import SystemView

DAY_SECONDS = 86400.0
DeadLetterId = Annotated[str, Path(pattern=r"^[0-9a-f-]{8,64}$")]


class Urls(Protocol):
    api_url: str
    otlp_http_url: str | None
    otlp_grpc_url: str | None


class RetentionKeeper(Protocol):
    async def get(self) -> Retention: ...

    async def change(self, wanted: Retention, actor: Actor) -> Retention:
        """Put it in force at once, remember it, and write it to the audit log."""
        ...


class Letters(Protocol):
    async def list(self) -> DeadLetterList: ...

    async def show(self, letter_id: str) -> DeadLetterDetail: ...

    async def retry(self, letter_id: str, actor: Actor) -> None: ...

    async def drop(self, letter_id: str, actor: Actor) -> None: ...


class Backups(Protocol):
    async def make(self, actor: Actor) -> Backup: ...


class FirstKey(Protocol):
    async def first(self) -> str | None:
        """The key that Midwatch made itself, while it is still good."""
        ...


def system_routes(
    view: SystemView,
    guard: Guard,
    retention: RetentionKeeper,
    letters: Letters,
    backups: Backups,
    first_key: FirstKey,
    urls: Urls,
    clock: Clock,
) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["system"], responses=PROBLEM_RESPONSES)
    viewer = Depends(guard.requires(Role.VIEWER))
    engineer = Depends(guard.requires(Role.ENGINEER, scope=Scope.WRITE))
    admin = Depends(guard.requires(Role.ADMIN, scope=Scope.ADMIN))

    @router.get("/system/status", dependencies=[viewer])
    async def system_status() -> SystemStatus:
        return await view.status()

    @router.get("/system/limits", dependencies=[viewer])
    async def limits_hit(
        start: Annotated[str | None, Query(max_length=64)] = None,
        end: Annotated[str | None, Query(max_length=64)] = None,
    ) -> LimitHits:
        span = parse_range(start, end, now_ns=clock.now_ns(), default_seconds=DAY_SECONDS)
        return await view.limits(span)

    @router.get("/system/retention", dependencies=[viewer])
    async def get_retention() -> Retention:
        return await retention.get()

    @router.put("/system/retention")
    async def change_retention(wanted: Retention, actor: Annotated[Actor, admin]) -> Retention:
        return await retention.change(wanted, actor)

    @router.post("/system/backups", status_code=201)
    async def make_backup(actor: Annotated[Actor, admin]) -> Backup:
        return await backups.make(actor)

    @router.get("/onboarding")
    async def onboarding(actor: Annotated[Actor, viewer]) -> Onboarding:
        key = await first_key.first() if actor.role >= Role.EDITOR else None
        return await view.onboarding(
            ingest_key=key, api_url=urls.api_url, otlp_http_url=urls.otlp_http_url, otlp_grpc_url=urls.otlp_grpc_url
        )

    @router.get("/dead-letters", dependencies=[viewer])
    async def dead_letters() -> DeadLetterList:
        return await letters.list()

    @router.get("/dead-letters/{letter_id}")
    async def dead_letter(letter_id: DeadLetterId, actor: Annotated[Actor, engineer]) -> DeadLetterDetail:
        return await letters.show(letter_id)

    @router.post("/dead-letters/{letter_id}/retry", status_code=204, response_class=Response)
    async def retry_dead_letter(letter_id: DeadLetterId, actor: Annotated[Actor, engineer]) -> None:
        await letters.retry(letter_id, actor)

    @router.delete("/dead-letters/{letter_id}", status_code=204, response_class=Response)
    async def drop_dead_letter(letter_id: DeadLetterId, actor: Annotated[Actor, engineer]) -> None:
        await letters.drop(letter_id, actor)

    return router
