"""API tokens: what programs ask and change things with."""

import uuid

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from midwatch.server.model.actor import Actor, Role, Scope
from midwatch.server.model.clock import Clock, now_ms
from midwatch.server.model.errors import Forbidden, NotFound, Unauthorized
from midwatch.server.workspace.audit import noted
from midwatch.server.workspace.database import Database
from midwatch.server.workspace.models import TokenRow, UserRow
from midwatch.server.workspace.secrets import TOKEN_PREFIX, digest, new_secret, shown
from midwatch.server.workspace.sessions import TOUCH_MS

ENVIRONMENT_TOKEN = "fixed by MIDWATCH_API_TOKEN"  # noqa: S105 - a name

NAME_CHARACTERS_MAX = 254
"""Of an actor, in the tables that say who did something."""


class Tokens:
    """The API tokens."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def all(self) -> list[TokenRow]:
        return await self._database.call(
            lambda s: list(s.scalars(select(TokenRow).order_by(TokenRow.created_ms, TokenRow.id)))
        )

    async def actor(self, token: str) -> Actor | None:
        """Who a token stands for, with what it and its owner may now; None when it is unknown, over or disabled."""
        now = now_ms(self._clock)

        def work(session: Session) -> Actor | None:
            row = session.scalar(select(TokenRow).where(TokenRow.hash == digest(token)))
            if row is None or (row.expires_ms is not None and row.expires_ms < now):
                return None
            if row.owner is not None and row.owner.disabled:
                return None
            if row.last_used_ms is None or now - row.last_used_ms > TOUCH_MS:
                row.last_used_ms = now
            scopes = frozenset(Scope(scope) for scope in row.scopes.split())
            if row.owner is None:
                return Actor("token", row.id, row.name, Role(row.role), scopes)
            # The owner comes first: a token named like somebody else must not look like them in the audit log.
            name = f"{row.owner.email} (token {row.name})"[:NAME_CHARACTERS_MAX]
            return Actor("token", row.id, name, Role(min(row.role, row.owner.role)), scopes, row.user_id)

        return await self._database.call(work)

    async def add(
        self, actor: Actor, name: str, role: Role, scopes: list[Scope], expires_days: int | None
    ) -> tuple[TokenRow, str]:
        """Make an API token that belongs to the user behind the actor; the whole token is returned this once.

        Raises:
            Forbidden: it could do more than its maker.
            Unauthorized: the maker was removed meanwhile.
        """
        if role > actor.role:
            raise Forbidden(f"role={role.label}: expected at most your own, {actor.role.label}")
        if more := set(scopes) - actor.scopes:
            raise Forbidden(f"scopes={min(more)}: expected at most your own, {', '.join(sorted(actor.scopes))}")
        secret = new_secret(TOKEN_PREFIX)
        expires = now_ms(self._clock) + expires_days * 86_400_000 if expires_days else None
        row = self._row(name, secret, role, scopes, actor.name, expires)

        def work(session: Session) -> None:
            row.owner = session.get(UserRow, actor.user_id) if actor.user_id is not None else None
            if row.owner is None and actor.user_id is not None:
                raise Unauthorized(f"{actor.name} is no user any more")
            session.add(row)
            session.add(noted(self._clock, actor, "token.create", name, {"role": role.label}))

        await self._database.call(work)
        return row, secret

    async def remove(self, actor: Actor, token_id: str) -> None:
        """Raises NotFound."""

        def work(session: Session) -> None:
            row = session.get(TokenRow, token_id)
            if row is None:
                raise NotFound(f"cannot find token {token_id}")
            session.delete(row)
            session.add(noted(self._clock, actor, "token.remove", row.name, {"id": token_id}))

        await self._database.call(work)

    def fix(self, session: Session, token: str | None) -> None:
        """Let the environment's token, an admin's, be in force, and no earlier one of its kind."""
        self._replace(session, ENVIRONMENT_TOKEN, "MIDWATCH_API_TOKEN", token)

    def fix_of_server(self, session: Session, node: str, token: str | None) -> None:
        """The same for the token that a server leaves for the command line; those of other servers stay."""
        self._replace(session, f"server {node}", "command line", token)

    def _replace(self, session: Session, maker: str, name: str, token: str | None) -> None:
        session.execute(delete(TokenRow).where(TokenRow.created_by == maker, TokenRow.user_id.is_(None)))
        if token is not None:
            session.add(self._row(name, token, Role.ADMIN, list(Scope), maker, None))

    def _row(
        self, name: str, secret: str, role: Role, scopes: list[Scope], created_by: str, expires_ms: int | None
    ) -> TokenRow:
        return TokenRow(
            id=uuid.uuid4().hex,
            hash=digest(secret),
            name=name,
            role=role,
            scopes=" ".join(sorted(scopes)),
            prefix=shown(secret),
            created_ms=now_ms(self._clock),
            created_by=created_by,
            expires_ms=expires_ms,
        )
