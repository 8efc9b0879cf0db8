"""Who calls: a session cookie or an API token, checked against what a route needs."""

import base64
import ipaddress
from collections.abc import Awaitable, Callable
from dataclasses import replace

from fastapi import Request
from starlette.requests import HTTPConnection

from midwatch.server.model.actor import Actor, Role, Scope
from midwatch.server.model.errors import Forbidden, Unauthorized
from midwatch.server.workspace.workspace import Workspace

COOKIE = "midwatch_session"
CSRF_HEADER = "x-midwatch-csrf"
"""Other sites can make a browser send our cookie, but not this header."""
ADDRESS_CHARACTERS_MAX = 64
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Guard:
    """Makes the dependencies that routes name: `Depends(guard.requires(Role.EDITOR, scope=Scope.WRITE))`."""

    def __init__(self, workspace: Workspace) -> None:
        self._sessions, self._tokens, self._keys = workspace.sessions, workspace.tokens, workspace.keys

    def requires(self, role: Role, *, scope: Scope = Scope.READ) -> Callable[[Request], Awaitable[Actor]]:
        async def actor_of(request: Request) -> Actor:
            actor = await self.actor(request)
            if actor.role < role:
                raise Forbidden(f"this needs the role {role.label}; {actor.name} is {actor.role.label}")
            if scope not in actor.scopes:
                raise Forbidden(f"this needs a token with the scope {scope}")
            return actor

        return actor_of

    async def actor(self, request: Request) -> Actor:
        """Raises Unauthorized when nobody is signed in, Forbidden for an ingest key or a forged request."""
        return replace(await self._known(request), address=address_of(request))

    async def _known(self, request: Request) -> Actor:
        scheme, token = credentials_of(request.headers.get("authorization", ""))
        # With a cookie, Basic may be meant for a proxy in front of us.
        if scheme and (
            actor := await self._by_token(token, needed=scheme == "bearer" or COOKIE not in request.cookies)
        ):
            return actor
        if cookie := request.cookies.get(COOKIE):
            if request.method not in _SAFE_METHODS:
                require_same_site(request)
            if (actor := await self._sessions.actor(cookie)) is not None:
                return actor
        raise Unauthorized("sign in, or send `Authorization: Bearer <API token>`")

    async def reader(self, connection: HTTPConnection, role: Role) -> Actor:
        """Who opens a WebSocket, by a token alone: other sites can make a browser open one with our cookie.

        Raises:
            Unauthorized: no token, or an unknown one.
            Forbidden: an ingest key, or a token that may not read.
        """
        scheme, token = credentials_of(connection.headers.get("authorization", ""))
        actor = await self._by_token(token, needed=True) if scheme else None
        if actor is None:
            raise Unauthorized("send `Authorization: Bearer <API token>`")
        if actor.role < role or Scope.READ not in actor.scopes:
            raise Forbidden(f"this needs a token of a {role.label} with the scope {Scope.READ}")
        return actor

    async def _by_token(self, token: str, *, needed: bool) -> Actor | None:
        if (actor := await self._tokens.actor(token)) is not None:
            return actor
        if self._keys.find(token) is not None:
            raise Forbidden("this is an ingest key: it can write and never read; make an API token under Settings")
        if needed:
            raise Unauthorized("the API token is not known, has expired, or its owner is disabled")
        return None


def credentials_of(authorization: str) -> tuple[str, str]:
    """Scheme and token: `Bearer <token>`, or Basic with the token as the password, as Grafana sends it."""
    scheme, _, sent = authorization.partition(" ")
    scheme = scheme.lower()
    if scheme == "bearer":
        return scheme, sent.strip()
    if scheme != "basic":
        return "", ""
    try:
        return scheme, base64.b64decode(sent, validate=True).decode().partition(":")[2].strip()
    except ValueError:
        return scheme, ""


def require_same_site(request: Request) -> None:
    """Raises Forbidden for a change that another site makes with our cookie."""
    if CSRF_HEADER not in request.headers or request.headers.get("sec-fetch-site", "same-origin") == "cross-site":
        raise Forbidden(f"a change made with a cookie needs the header {CSRF_HEADER}", code="csrf")


def address_of(request: Request) -> str:
    """The client's address in one form; what a trusted proxy gives instead of one, cut to what the audit log takes."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host[:ADDRESS_CHARACTERS_MAX]
    return str(getattr(address, "ipv4_mapped", None) or address)
