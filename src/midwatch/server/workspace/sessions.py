"""Signing in: passwords, one-time links, and the sessions that follow."""

import asyncio

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from midwatch.server.model.actor import Actor, Role
from midwatch.server.model.clock import Clock, now_ms
from midwatch.server.model.errors import Forbidden, NotFound, Unauthorized
from midwatch.server.workspace import throttle
from midwatch.server.workspace.audit import note_refusal, note_signin, noted
from midwatch.server.workspace.database import Database
from midwatch.server.workspace.models import LinkRow, SessionRow, UserRow
from midwatch.server.workspace.secrets import digest, hash_password, new_secret, password_matches

SESSION_IDLE_MS = 14 * 86_400_000
SESSION_MS_MAX = 90 * 86_400_000
LINK_MS = 72 * 3_600_000
TOUCH_MS = 60_000
"""How often the last use of a session or token is written down."""


def add_link(session: Session, user_id: str, clock: Clock) -> str:
    """Make a one-time sign-in link; returns the secret of it."""
    secret, now = new_secret(), now_ms(clock)
    session.execute(delete(LinkRow).where(LinkRow.expires_ms < now))
    session.add(LinkRow(id=digest(secret), user_id=user_id, expires_ms=now + LINK_MS))
    return secret


class Sessions:
    """Who is signed in."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._throttle = throttle.Throttle(clock)

    async def sign_in(self, email: str, password: str, address: str) -> tuple[UserRow, str]:
        """Check a password; returns the user and the secret for a session cookie.

        Raises:
            Unauthorized: wrong, or disabled; which of them is not said.
            RateLimited: too many tries for this account or from this address.
        """
        name = email.strip().lower()
        counted = (throttle.account(name), throttle.address(address))

        def begin(session: Session) -> UserRow | None:
            self._throttle.count(session, counted)
            return session.scalar(select(UserRow).where(UserRow.email == name))

        user = await self._database.call(begin)
        right = await asyncio.to_thread(password_matches, password, user.password_hash if user else None)
        if user is None or not right or user.disabled:
            await self._database.call(lambda s: note_refusal(s, self._clock, name, address))
            raise Unauthorized("e-mail or password is wrong")

        def start(session: Session) -> str:
            self._throttle.forget(session, counted)
            return self._start(session, user, address)

        return user, await self._database.call(start)

    async def sign_in_by_link(self, token: str, address: str) -> tuple[UserRow, str]:
        """Use a one-time link.

        Raises:
            Unauthorized: used already, expired, or never was.
            RateLimited: too many tries from this address.
        """
        counted = (throttle.address(address),)

        def work(session: Session) -> tuple[UserRow, str] | None:
            self._throttle.count(session, counted)
            user = _use_link(session, digest(token), now_ms(self._clock))
            if user is None or user.disabled:
                return None
            self._throttle.forget(session, counted)
            return user, self._start(session, user, address)

        started = await self._database.call(work)
        if started is None:
            raise Unauthorized(
                "the sign-in link was used already or has expired: `midwatch users link` makes a new one"
            )
        return started

    async def actor(self, secret: str) -> Actor | None:
        """Who holds this session cookie; None when it is over."""
        now = now_ms(self._clock)

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
            session.add(noted(self._clock, actor, "user.password", actor.name))

        await self._database.call(work)

    def _start(self, session: Session, user: UserRow, address: str) -> str:
        """Begin a session of the user; returns the secret of its cookie."""
        secret, now = new_secret(), now_ms(self._clock)
        session.execute(delete(SessionRow).where(SessionRow.used_ms < now - SESSION_IDLE_MS))
        session.add(SessionRow(id=digest(secret), user_id=user.id, created_ms=now, used_ms=now))
        session.execute(update(UserRow).where(UserRow.id == user.id).values(last_seen_ms=now))
        note_signin(session, self._clock, user.email, address)
        return secret


def _use_link(session: Session, link_id: str, now: int) -> UserRow | None:
    """Whose link it is; None for all but the first who asks, since only one can delete it."""
    used = delete(LinkRow).where(LinkRow.id == link_id, LinkRow.expires_ms >= now).returning(LinkRow.user_id)
    user_id = session.scalar(used)
    return None if user_id is None else session.get(UserRow, user_id)
