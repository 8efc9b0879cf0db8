"""`/api/v1/users`, `/keys`, `/tokens`, `/audit`."""

from collections.abc import AsyncGenerator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Response
from fastapi.responses import StreamingResponse

from midwatch.server.http.auth import Guard
from midwatch.server.http.errors import PROBLEM_RESPONSES
from midwatch.server.http.exports import Format, exported
from midwatch.server.model.actor import Actor, Role, Scope
from midwatch.server.model.timerange import format_time
from midwatch.server.schemas.workspace import (
    ApiToken,
    ApiTokenCreate,
    ApiTokenCreated,
    ApiTokenList,
    AuditEntry,
    AuditPage,
    IngestKey,
    IngestKeyCreate,
    IngestKeyCreated,
    IngestKeyList,
    User,
    UserChange,
    UserCreate,
    UserCreated,
    UserList,
)
from midwatch.server.workspace.models import AuditRow, KeyRow, TokenRow, UserRow
from midwatch.server.workspace.workspace import Workspace

Id = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]


def people_routes(workspace: Workspace, guard: Guard) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["people"], responses=PROBLEM_RESPONSES)
    admin_looks = Depends(guard.requires(Role.ADMIN))
    editor_looks = Depends(guard.requires(Role.EDITOR))
    Admin = Annotated[Actor, Depends(guard.requires(Role.ADMIN, scope=Scope.ADMIN))]
    Engineer = Annotated[Actor, Depends(guard.requires(Role.ENGINEER, scope=Scope.WRITE))]

    @router.get("/users", dependencies=[admin_looks])
    async def users() -> UserList:
        return UserList(users=[_user(row) for row in await workspace.people.all()])

    @router.post("/users", status_code=201)
    async def add_user(body: UserCreate, actor: Admin) -> UserCreated:
        row, token = await workspace.people.add(actor, body.email, body.name, Role.parse(body.role), body.password)
        return UserCreated(**_user(row).model_dump(), signin_link=f"/signin?token={token}")

    @router.patch("/users/{user_id}")
    async def change_user(user_id: Id, body: UserChange, actor: Admin) -> User:
        role = Role.parse(body.role) if body.role else None
        return _user(await workspace.people.change(actor, user_id, name=body.name, role=role, disabled=body.disabled))

    @router.delete("/users/{user_id}", status_code=204, response_class=Response)
    async def remove_user(user_id: Id, actor: Admin) -> None:
        await workspace.people.remove(actor, user_id)

    @router.post("/users/{user_id}/link")
    async def make_link(user_id: Id, actor: Admin) -> UserCreated:
        token = await workspace.people.make_link(actor, user_id)
        row = await workspace.people.get(user_id)
        return UserCreated(**_user(row).model_dump(), signin_link=f"/signin?token={token}")

    @router.get("/keys", dependencies=[editor_looks])
    async def keys() -> IngestKeyList:
        return IngestKeyList(keys=[_key(row) for row in await workspace.keys.all()])

    @router.post("/keys", status_code=201)
    async def add_key(body: IngestKeyCreate, actor: Admin) -> IngestKeyCreated:
        row, secret = await workspace.keys.add(actor, **body.model_dump())
        return IngestKeyCreated(**_key(row).model_dump(), key=secret)

    @router.delete("/keys/{key_id}", status_code=204, response_class=Response)
    async def revoke_key(key_id: Id, actor: Admin) -> None:
        await workspace.keys.revoke(actor, key_id)

    @router.get("/tokens", dependencies=[admin_looks])
    async def tokens() -> ApiTokenList:
        return ApiTokenList(tokens=[_token(row) for row in await workspace.tokens.all()])

    @router.post("/tokens", status_code=201)
    async def add_token(body: ApiTokenCreate, actor: Engineer) -> ApiTokenCreated:
        scopes = [Scope(scope) for scope in body.scopes]
        row, secret = await workspace.tokens.add(actor, body.name, Role.parse(body.role), scopes, body.expires_days)
        return ApiTokenCreated(**_token(row).model_dump(), token=secret)

    @router.delete("/tokens/{token_id}", status_code=204, response_class=Response)
    async def remove_token(token_id: Id, actor: Admin) -> None:
        await workspace.tokens.remove(actor, token_id)

    @router.get("/audit", dependencies=[admin_looks])
    async def audit(
        cursor: Annotated[int | None, Query(ge=1, le=2**62)] = None, limit: Annotated[int, Query(ge=1, le=200)] = 50
    ) -> AuditPage:
        rows = await workspace.audit_page(before_id=cursor, limit=limit)
        following = str(rows[-1].id) if len(rows) == limit else None
        return AuditPage(entries=[_audit(row) for row in rows], next_cursor=following)

    @router.get("/audit/export", dependencies=[admin_looks], response_class=StreamingResponse)
    async def export_audit(format: Format = "ndjson") -> StreamingResponse:
        """Oldest first."""

        async def blocks() -> AsyncGenerator[list[dict[str, Any]], None]:
            last = 0
            while rows := await workspace.audit_after(last, limit=1000):
                yield [_audit(row).model_dump() for row in rows]
                last = rows[-1].id

        return await exported("audit", format, tuple(AuditEntry.model_fields), blocks())

    return router


def _time(ms: int | None) -> Any:
    return format_time(ms * 1_000_000) if ms is not None else None


def _user(row: UserRow) -> User:
    return User(
        id=row.id,
        email=row.email,
        name=row.name,
        role=Role(row.role).label,
        created_at=_time(row.created_ms),
        last_seen_at=_time(row.last_seen_ms),
        disabled=row.disabled,
    )


def _key(row: KeyRow) -> IngestKey:
    return IngestKey(
        id=row.id,
        name=row.name,
        project=row.project,
        environment=row.environment,
        origins=row.origins,
        items_per_second=row.items_per_second,
        prefix=row.prefix,
        created_at=_time(row.created_ms),
        created_by=row.created_by,
        last_used_at=_time(row.last_used_ms),
        revoked=row.revoked,
    )


def _token(row: TokenRow) -> ApiToken:
    return ApiToken(
        id=row.id,
        name=row.name,
        owner=row.owner.email if row.owner else None,
        role=Role(row.role).label,
        scopes=row.scopes.split(),
        prefix=row.prefix,
        created_at=_time(row.created_ms),
        created_by=row.created_by,
        last_used_at=_time(row.last_used_ms),
        expires_at=_time(row.expires_ms),
    )


def _audit(row: AuditRow) -> AuditEntry:
    return AuditEntry(
        id=str(row.id),
        time=_time(row.time_ms),
        actor=row.actor,
        action=row.action,
        target=row.target,
        details=row.details,
        address=row.address,
    )
