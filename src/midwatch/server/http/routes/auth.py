"""`/api/v1/auth/…`: signing in and out."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from midwatch.server.http.auth import COOKIE, Guard, address_of, require_same_site
from midwatch.server.http.errors import PROBLEM_RESPONSES
from midwatch.server.model.actor import Actor, Role
from midwatch.server.model.errors import Forbidden
from midwatch.server.schemas.workspace import LinkLoginRequest, LoginRequest, Me, PasswordChange
from midwatch.server.workspace.models import UserRow
from midwatch.server.workspace.sessions import SESSION_MS_MAX
from midwatch.server.workspace.workspace import Workspace


def auth_routes(workspace: Workspace, guard: Guard) -> APIRouter:
    router = APIRouter(prefix="/api/v1/auth", tags=["auth"], responses=PROBLEM_RESPONSES)

    def set_cookie(request: Request, response: Response, secret: str) -> None:
        response.set_cookie(
            COOKIE,
            secret,
            max_age=SESSION_MS_MAX // 1000,
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )

    @router.post("/login")
    async def login(body: LoginRequest, request: Request, response: Response) -> Me:
        user, secret = await workspace.sessions.sign_in(body.email, body.password, address_of(request))
        set_cookie(request, response, secret)
        return _me(user)

    @router.post("/link")
    async def login_by_link(body: LinkLoginRequest, request: Request, response: Response) -> Me:
        user, secret = await workspace.sessions.sign_in_by_link(body.token, address_of(request))
        set_cookie(request, response, secret)
        return _me(user)

    @router.post("/logout", status_code=204, response_class=Response)
    async def logout(request: Request, response: Response) -> None:
        # Without the cookie there is nothing to end: another site's form, which comes without it, removes none.
        if secret := request.cookies.get(COOKIE):
            require_same_site(request)
            await workspace.sessions.end(secret)
            response.delete_cookie(COOKIE)

    @router.get("/me")
    async def me(actor: Annotated[Actor, Depends(guard.requires(Role.VIEWER))]) -> Me:
        if actor.kind == "user":
            return _me(await workspace.people.get(actor.id))
        return Me(id=actor.id, email="", name=actor.name, role=actor.role.label, must_set_password=False)

    @router.post("/password", status_code=204, response_class=Response)
    async def change_password(
        body: PasswordChange, request: Request, actor: Annotated[Actor, Depends(guard.requires(Role.VIEWER))]
    ) -> None:
        """Ends every other session of one's own."""
        if actor.kind != "user":
            raise Forbidden("an API token has no password")
        keep = request.cookies.get(COOKIE)
        await workspace.sessions.change_password(actor, body.current_password, body.new_password, keep=keep)

    return router


def _me(user: UserRow) -> Me:
    return Me(
        id=user.id,
        email=user.email,
        name=user.name,
        role=Role(user.role).label,
        must_set_password=user.password_hash is None,
    )
