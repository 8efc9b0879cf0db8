"""API tokens: what programs ask and change things with."""

import uuid

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from midwatch.server.model.actor import Actor, Role, Scope
from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import Forbidden, NotFound
from midwatch.server.workspace.audit import noted
from midwatch.server.workspace.database import Database
from midwatch.server.workspace.models import TokenRow
from midwatch.server.workspace.secrets import TOKEN_PREFIX, digest, new_secret, shown
from midwatch.server.workspace.sessions import TOUCH_MS

ENVIRONMENT_TOKEN = "fixed by MIDWATCH_API_TOKEN"  # noqa: S105 - a name


class Tokens:
    """The API tokens."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def all(self) -> list[TokenRow]:
        return await self._database.call(lambda s: list(s.scalars(select(TokenRow).order_by(TokenRow.created_ms))))

    async def actor(self, token: str) -> Actor | None:
        """Who an API token stands for; None when it is unknown or over."""
        now = self._now_ms()

        def work(session: Session) -> Actor | None:
            row = session.scalar(select(TokenRow).where(TokenRow.hash == digest(token)))
            if row is None or (row.expires_ms is not None and row.expires_ms < now):
                return None
            if row.last_used_ms is None or now - row.last_used_ms > TOUCH_MS:
                row.last_used_ms = now
            scopes = frozenset(Scope(scope) for scope in row.scopes.split())
            return Actor("token", row.id, row.name, Role(row.role), scopes)

        return await self._database.call(work)

    async def add(
        self, actor: Actor, name: str, role: Role, scopes: list[Scope], expires_days: int | None
    ) -> tuple[TokenRow, str]:
        """Make an API token; the whole token is returned this once.

        Raises:
            Forbidden: it could do more than its maker.
        """
        if role > actor.role:
            raise Forbidden(f"role={role.label}: expected at most your own, {actor.role.label}")
        if more := set(scopes) - actor.scopes:
            raise Forbidden(f"scopes={min(more)}: expected at most your own, {', '.join(sorted(actor.scopes))}")
        secret = new_secret(TOKEN_PREFIX)
        expires = self._now_ms() + expires_days * 86_400_000 if expires_days else None
        row = self._row(name, secret, role, scopes, actor.name, expires)

        def work(session: Session) -> None:
            session.add(row)
            session.add(noted(self._clock, actor.name, "token.create", name, {"role": role.label}))

        await self._database.call(work)
        return row, secret

    async def remove(self, actor: Actor, token_id: str) -> None:
        """Raises NotFound."""

        def work(session: Session) -> None:
            row = session.get(TokenRow, token_id)
            if row is None:
                raise NotFound(f"cannot find token {token_id}")
            session.delete(row)
            session.add(noted(self._clock, actor.name, "token.remove", row.name, {"id": token_id}))

        await self._database.call(work)

    def fix(self, session: Session, token: str | None) -> None:
        """Let the environment's token, an admin's, be in force, and no earlier one of its kind."""
        session.execute(delete(TokenRow).where(TokenRow.created_by == ENVIRONMENT_TOKEN))
        if token is not None:
            session.add(self._row("MIDWATCH_API_TOKEN", token, Role.ADMIN, list(Scope), ENVIRONMENT_TOKEN, None))

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
            created_ms=self._now_ms(),
            created_by=created_by,
            expires_ms=expires_ms,
        )

    def _now_ms(self) -> int:
        return self._clock.now_ns() // 1_000_000
