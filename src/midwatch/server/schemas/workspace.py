"""Who may do what: users, sessions, tokens, ingest keys, audit."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from midwatch.server.schemas.base import AS_SENT, Schema

Role = Literal["viewer", "editor", "engineer", "admin"]
Scope = Literal["read", "write", "admin"]
_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::\d{1,5})?")


def _origin(text: str) -> str:
    """An origin in the one form in which browsers send it (RFC 6454): what differs would never match."""
    origin = text.strip().rstrip("/").lower()
    for scheme, port in (("http://", ":80"), ("https://", ":443")):
        if origin.startswith(scheme):
            origin = origin.removesuffix(port)
    if origin != "*" and not _ORIGIN.fullmatch(origin):
        raise ValueError(f"expected https://shop.example or * for every page, got {text[:100]!r}")
    return origin


class LoginRequest(Schema):
    model_config = AS_SENT

    email: str = Field(max_length=254)
    password: str = Field(max_length=1024)


class LinkLoginRequest(Schema):
    """A one-time sign-in link as `midwatch up` prints it: `/signin?token=…`."""

    model_config = AS_SENT

    token: str = Field(max_length=256)


class Me(Schema):
    id: str
    email: str
    name: str
    role: Role
    must_set_password: bool
    """True after a one-time link: ask for a password, offer to skip."""


class PasswordChange(Schema):
    model_config = AS_SENT

    current_password: str | None = Field(default=None, max_length=1024)
    new_password: str = Field(min_length=10, max_length=1024)


class User(Schema):
    id: str
    email: str
    name: str
    role: Role
    created_at: str
    last_seen_at: str | None
    disabled: bool


class UserCreate(Schema):
    model_config = AS_SENT

    email: str = Field(min_length=3, max_length=254)
    name: str = Field(default="", max_length=200)
    role: Role = "viewer"
    password: str | None = Field(default=None, min_length=10, max_length=1024)


class UserCreated(User):
    signin_link: str
    """Path and one-time token, to hand to the new user; valid for 72 hours."""


class UserChange(Schema):
    model_config = AS_SENT

    name: str | None = Field(default=None, max_length=200)
    role: Role | None = None
    disabled: bool | None = None


class UserList(Schema):
    users: list[User]


class IngestKey(Schema):
    id: str
    name: str
    project: int
    environment: str | None
    """Where set, everything sent with this key belongs to it."""
    origins: list[str]
    """Non-empty: a browser key, taken from these origins only and at a lower rate."""
    items_per_second: int | None
    prefix: str
    """The first characters of the key, to tell keys apart."""
    created_at: str
    created_by: str
    last_used_at: str | None
    revoked: bool


class IngestKeyCreate(Schema):
    model_config = AS_SENT

    name: str = Field(min_length=1, max_length=200)
    project: int = Field(default=1, ge=1, le=4_294_967_295)
    environment: str | None = Field(default=None, max_length=200)
    origins: list[Annotated[str, Field(max_length=300), AfterValidator(_origin)]] = Field(
        default_factory=list, max_length=50
    )
    items_per_second: int | None = Field(default=None, ge=1, le=1_000_000_000)


class IngestKeyCreated(IngestKey):
    key: str
    """The only time that the whole key is shown."""


class IngestKeyList(Schema):
    keys: list[IngestKey]


class ApiToken(Schema):
    id: str
    name: str
    owner: str | None
    """E-mail address of the user whose it is: it may never do more than they may. Null: the installation's own."""
    role: Role
    scopes: list[Scope]
    prefix: str
    created_at: str
    created_by: str
    last_used_at: str | None
    expires_at: str | None


class ApiTokenCreate(Schema):
    model_config = AS_SENT

    name: str = Field(min_length=1, max_length=200)
    role: Role = "viewer"
    scopes: list[Scope] = Field(default=["read"], max_length=3)
    expires_days: int | None = Field(default=None, ge=1, le=3650)


class ApiTokenCreated(ApiToken):
    token: str


class ApiTokenList(Schema):
    tokens: list[ApiToken]


class AuditEntry(Schema):
    id: str
    time: str
    actor: str
    action: str
    """`user.create`, `key.revoke`, `plan.apply`, `retention.change` …"""
    target: str
    details: dict[str, Any]
    address: str


class AuditPage(Schema):
    entries: list[AuditEntry]
    next_cursor: str | None
