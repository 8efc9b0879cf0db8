"""Signing in: passwords, one-time links, and the sessions that follow."""

import asyncio

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from midwatch.server.model.actor import Actor, Role
from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import Forbidden, NotFound, Unauthorized
from midwatch.server.workspace.audit import noted
from midwatch.server.workspace.database import Database
from midwatch.server.workspace.models import LinkRow, SessionRow, UserRow
from midwatch.server.workspace.secrets import digest, hash_password, new_secret, password_matches
from midwatch.server.workspace.throttle import Throttle

SESSION_IDLE_MS = 14 * 86_400_000
SESSION_MS_MAX = 90 * 86_400_000
LINK_MS = 72 * 3_600_000
TOUCH_MS = 60_000
"""How often the last use of a session or token is written down."""


def add_link(session: Session, user_id: str, now_ms: int) -> str:
    """Make a one-time sign-in link; returns the secret of it."""
    secret = new_secret()
    session.add(LinkRow(id=digest(secret), user_id=user_id, expires_ms=now_ms + LINK_MS))
    return secret


class Sessions:
    """Who is signed in."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._throttle = Throttle(clock)

    async def sign_in(self, email: str, password: str, address: str) -> tuple[UserRow, str]:
        """Check a password; returns the user and the secret for a session cookie.

        Raises:
            Unauthorized: wrong, or disabled; which of them is not said.
            RateLimited: too many tries for this account or from this address.
        """
        name = email.strip().lower()
        self._throttle.check(name, address)
        # Counted before the slow part, so that asking many times at once is no way around it.
        self._throttle.failed(name, address)
        user = await self._database.call(lambda s: s.scalar(select(UserRow).where(UserRow.email == name)))
        right = await asyncio.to_thread(password_matches, password, user.password_hash if user else None)
        if user is None or not right or user.disabled:
            refused = noted(self._clock, "", "session.refused", name, address=address)
            await self._database.call(lambda s: s.add(refused))
            raise Unauthorized("e-mail or password is wrong")
        self._throttle.succeeded(name, address)
        return user, await self._start(user, address)

    async def sign_in_by_link(self, token: str, address: str) -> tuple[UserRow, str]:
        """Use a one-time link.

        Raises:
            Unauthorized: used already, expired, or never was.
        """
        self._throttle.check(f"link from {address}", address)

        def work(session: Session) -> UserRow | None:
            link = session.get(LinkRow, digest(token))
            if link is None or link.expires_ms < self._now_ms():
                return None
            user = session.get(UserRow, link.user_id)
            session.delete(link)
            return user

        user = await self._database.call(work)
        if user is None or user.disabled:
            self._throttle.failed(f"link from {address}", address)
            raise Unauthorized(
                "the sign-in link was used already or has expired: `midwatch users link` makes a new one"
            )
        return user, await self._start(user, address)

    async def actor(self, secret: str) -> Actor | None:
        """Who holds this session cookie; None when it is over."""
        now = self._now_ms()

        def work(session: Session) -> Actor | None:
            row = session.get(SessionRow, digest(secret))
            if row is None or now - row.used_ms > SESSION_IDLE_MS or now - row.created_ms > SESSION_MS_MAX:
                return None
            user = session.get(UserRow, row.user_id)
            if user is None or user.disabled:
                return None
            if now - row.used_ms > TOUCH_MS:
                row.used_ms = now
                user.last_seen_ms = now
            return Actor("user", user.id, user.email, Role(user.role))

        return await self._database.call(work)

    async def end(self, secret: str) -> None:
        await self._database.call(lambda s: s.execute(delete(SessionRow).where(SessionRow.id == digest(secret))))

    async def change_password(self, actor: Actor, current: str | None, new: str, *, keep: str | None) -> None:
        """Set one's own password; the current one is asked for when there is one. Ends one's sessions but the one kept.

        Raises:
            Forbidden: the current password is wrong.
        """
        user = await self._database.call(lambda s: s.get(UserRow, actor.id))
        if user is None:
            raise NotFound(f"cannot find user {actor.id}")
        if user.password_hash and not await asyncio.to_thread(password_matches, current or "", user.password_hash):
            raise Forbidden("the current password is wrong")
        hashed = await asyncio.to_thread(hash_password, new)
        others = delete(SessionRow).where(SessionRow.user_id == actor.id)
        if keep is not None:
            others = others.where(SessionRow.id != digest(keep))

        def work(session: Session) -> None:
            session.execute(update(UserRow).where(UserRow.id == actor.id).values(password_hash=hashed))
            session.execute(others)
            session.add(noted(self._clock, actor.name, "user.password", actor.name))

        await self._database.call(work)

    async def _start(self, user: UserRow, address: str) -> str:
        secret, now = new_secret(), self._now_ms()

        def work(session: Session) -> None:
            session.execute(delete(SessionRow).where(SessionRow.used_ms < now - SESSION_IDLE_MS))
            session.add(SessionRow(id=digest(secret), user_id=user.id, created_ms=now, used_ms=now))
            session.execute(update(UserRow).where(UserRow.id == user.id).values(last_seen_ms=now))
            session.add(noted(self._clock, user.email, "session.start", user.email, address=address))

        await self._database.call(work)
        return secret

    def _now_ms(self) -> int:
        return self._clock.now_ns() // 1_000_000
