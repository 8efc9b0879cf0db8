"""The users: made, changed, removed; somebody can always administer."""

import asyncio
import re
import uuid

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from midwatch.server.model.actor import Actor, Role
from midwatch.server.model.clock import Clock, now_ms
from midwatch.server.model.errors import BadRequest, Conflict, NotFound
from midwatch.server.workspace.audit import noted
from midwatch.server.workspace.database import Database
from midwatch.server.workspace.models import LinkRow, SessionRow, UserRow
from midwatch.server.workspace.secrets import hash_password
from midwatch.server.workspace.sessions import add_link

_EMAIL = re.compile(r"[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+")


class People:
    """The users."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def get(self, user_id: str) -> UserRow:
        """Raises NotFound."""
        return await self._database.call(lambda s: _user(s, user_id))

    async def all(self) -> list[UserRow]:
        return await self._database.call(lambda s: list(s.scalars(select(UserRow).order_by(UserRow.email))))

    async def add(self, actor: Actor, email: str, name: str, role: Role, password: str | None) -> tuple[UserRow, str]:
        """Make a user; returns it and the secret of a sign-in link.

        Raises:
            BadRequest: no address.
            Conflict: there is one of this address.
        """
        address = email.strip().lower()
        if not _EMAIL.fullmatch(address):
            raise BadRequest(f"email={email!r}: expected an address like you@example.com")
        hashed = await asyncio.to_thread(hash_password, password) if password else None

        def work(session: Session) -> tuple[UserRow, str]:
            if session.scalar(select(UserRow).where(UserRow.email == address)):
                raise Conflict(f"email={address}: there is a user of this address already")
            user = UserRow(
                id=uuid.uuid4().hex,
                email=address,
                name=name,
                role=role,
                password_hash=hashed,
                created_ms=now_ms(self._clock),
                disabled=False,
            )
            session.add(user)
            session.flush()
            session.add(noted(self._clock, actor, "user.create", address, {"role": role.label}))
            return user, add_link(session, user.id, self._clock)

        return await self._database.call(work)

    async def change(
        self, actor: Actor, user_id: str, *, name: str | None, role: Role | None, disabled: bool | None
    ) -> UserRow:
        """Raises Conflict when nobody would be left who can administer."""
        asked = {"name": name, "role": role.label if role else None, "disabled": disabled}
        told = {key: value for key, value in asked.items() if value is not None}

        def work(session: Session) -> UserRow:
            user = _user(session, user_id)
            if disabled or (role is not None and role != Role.ADMIN):
                _require_other_admin(session, user)
            user.name = user.name if name is None else name
            user.role = user.role if role is None else role
            user.disabled = user.disabled if disabled is None else disabled
            if user.disabled:
                session.execute(delete(SessionRow).where(SessionRow.user_id == user_id))
                session.execute(delete(LinkRow).where(LinkRow.user_id == user_id))
            session.add(noted(self._clock, actor, "user.change", user.email, told))
            return user

        return await self._database.call(work)

    async def remove(self, actor: Actor, user_id: str) -> None:
        """Raises Conflict when nobody would be left who can administer."""

        def work(session: Session) -> None:
            user = _user(session, user_id)
            _require_other_admin(session, user)
            session.delete(user)
            session.add(noted(self._clock, actor, "user.remove", user.email))

        await self._database.call(work)

    async def make_link(self, actor: Actor, user_id: str) -> str:
        """A new one-time sign-in link; returns the secret of it."""

        def work(session: Session) -> str:
            user = _user(session, user_id)
            session.add(noted(self._clock, actor, "user.link", user.email))
            return add_link(session, user.id, self._clock)

        return await self._database.call(work)


def _user(session: Session, user_id: str) -> UserRow:
    user = session.get(UserRow, user_id)
    if user is None:
        raise NotFound(f"cannot find user {user_id}")
    return user


def _require_other_admin(session: Session, user: UserRow) -> None:
    """Raises Conflict when this user is the only admin."""
    # Held to the end of the transaction, in one order: of two admins who remove each other at once one comes second.
    held = select(UserRow.id).where(UserRow.role == Role.ADMIN, UserRow.disabled.is_(False))
    admins = set(session.scalars(held.order_by(UserRow.id).with_for_update()))
    if user.role == Role.ADMIN and not admins - {user.id}:
        raise Conflict(f"{user.email} is the last admin: make somebody else one first")
