"""Who calls, and what that one may do."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Role(IntEnum):
    """Each role may do what the ones before it may."""

    VIEWER = 1
    """Look at everything."""
    EDITOR = 2
    """Change what a team shares: views, dashboards, silences; see ingest keys."""
    ENGINEER = 3
    """Act on the running system: plan, dead letters, re-runs, SQL."""
    ADMIN = 4
    """Users, keys, tokens, retention."""

    @property
    def label(self) -> str:
        return self.name.lower()

    @classmethod
    def parse(cls, label: str) -> "Role":
        return cls[label.upper()]


class Scope(StrEnum):
    """What an API token may be used for, at most what its role may."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in user or an API token, as every route and the audit log see it."""

    kind: str
    """`user`, `token` or `system`."""
    id: str
    name: str
    role: Role
    scopes: frozenset[Scope] = frozenset(Scope)
    owner_id: str | None = None
    """Of a token: the user whose it is; None for the installation's own."""
    address: str = ""
    """Where the request comes from, for the audit log; empty where it is no request."""

    @property
    def user_id(self) -> str | None:
        """The user behind it."""
        return self.id if self.kind == "user" else self.owner_id


@dataclass(frozen=True, slots=True)
class IngestGrant:
    """What an ingest key lets its holder write. It never lets anybody read."""

    key_id: str
    key_name: str
    project: int
    environment: str | None
    """Where set, overrides what is sent; a different value sent is kept as an attribute."""
    origins: tuple[str, ...]
    """Non-empty: a browser key."""
    items_per_second: int | None
