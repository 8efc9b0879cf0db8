"""Who may do what: users, sign-in, tokens, ingest keys, the audit log, and small shared documents."""

import asyncio
import contextlib
import re
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from midwatch.server.model.actor import Actor, IngestGrant, Role, Scope
from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import BadRequest, Conflict, Forbidden, NotFound, Unauthorized
from midwatch.server.workspace.database import Database
from midwatch.server.workspace.models import (
    AuditRow,
    DocumentRow,
    KeyRow,
    LinkRow,
    SessionRow,
    TokenRow,
    UserRow,
)
from midwatch.server.workspace.secrets import (
    KEY_PREFIX,
    SHOWN_CHARACTERS,
    TOKEN_PREFIX,
    digest,
    hash_password,
    new_secret,
    password_matches,
)
from midwatch.server.workspace.throttle import Throttle

SESSION_IDLE_MS = 14 * 86_400_000
SESSION_MS_MAX = 90 * 86_400_000
LINK_MS = 72 * 3_600_000
TOUCH_MS = 60_000
"""How often the last use of a session or token is written down."""
KEYS_REFRESH_SECONDS = 2.0
AUDIT_PAGE_MAX = 200
ADMIN_EMAIL = "admin@localhost"
_EMAIL = re.compile(r"[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+")
ENVIRONMENT_KEY = "fixed by MIDWATCH_INGEST_KEY"
ENVIRONMENT_TOKEN = "fixed by MIDWATCH_API_TOKEN"  # noqa: S105 - a name


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """What a first start made."""

    signin_token: str | None
    """For the one-time link of the admin; None when there is a password already."""


class Workspace:
    """Everything that is kept about people and keys. Owned by one event loop."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self._clock = clock
        self._throttle = Throttle(clock)
        self._keys: dict[str, IngestGrant] = {}
        self._used_keys: set[str] = set()
        self._refresher: asyncio.Task[None] | None = None

    async def open(self) -> None:
        await self.database.open()
        await self.refresh_keys()
        self._refresher = asyncio.create_task(self._refresh_forever(), name="ingest-keys")

    async def close(self) -> None:
        if self._refresher is not None:
            self._refresher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._refresher
        await self.database.close()

    def now_ms(self) -> int:
        return self._clock.now_ns() // 1_000_000

    async def bootstrap(
        self, *, admin_password: str | None, ingest_key: str | None, api_token: str | None
    ) -> Bootstrap:
        """Make the admin and the first key; put in force what the environment fixes. The same again changes nothing."""
        password_hash = await asyncio.to_thread(hash_password, admin_password) if admin_password else None

        def work(session: Session) -> Bootstrap:
            admin = session.scalar(select(UserRow).where(UserRow.role == Role.ADMIN).order_by(UserRow.created_ms))
            token = None
            if admin is None:
                admin = UserRow(
                    id=uuid.uuid4().hex,
                    email=ADMIN_EMAIL,
                    name="Admin",
                    role=Role.ADMIN,
                    created_ms=self.now_ms(),
                    disabled=False,
                )
                session.add(admin)
                session.flush()
                if password_hash is None:
                    token = self._add_link(session, admin.id)
            if password_hash is not None:
                admin.password_hash = password_hash
            self._fix_key(session, ingest_key)
            self._fix_token(session, api_token)
            return Bootstrap(token)

        found = await self.database.call(work)
        await self.refresh_keys()
        return found

    def _fix_key(self, session: Session, key: str | None) -> None:
        session.execute(delete(KeyRow).where(KeyRow.created_by == ENVIRONMENT_KEY))
        if key is None and session.scalar(select(func.count()).select_from(KeyRow)):
            return
        secret = key or new_secret(KEY_PREFIX)
        session.add(
            KeyRow(
                id=uuid.uuid4().hex if key is None else digest(secret)[:32],
                hash=digest(secret),
                name="first key",
                project=1,
                origins=[],
                prefix=secret[:SHOWN_CHARACTERS],
                created_ms=self.now_ms(),
                created_by="midwatch" if key is None else ENVIRONMENT_KEY,
                revoked=False,
                shown=secret,
            )
        )

    def _fix_token(self, session: Session, token: str | None) -> None:
        session.execute(delete(TokenRow).where(TokenRow.created_by == ENVIRONMENT_TOKEN))
        if token is not None:
            session.add(self._token_row("MIDWATCH_API_TOKEN", token, Role.ADMIN, list(Scope), ENVIRONMENT_TOKEN, None))

    # --- signing in --------------------------------------------------------------------------------------------------

    async def sign_in(self, email: str, password: str, address: str) -> tuple[UserRow, str]:
        """Check a password; returns the user and the secret for a session cookie.

        Raises:
            Unauthorized: wrong, or disabled; which of them is not said.
            RateLimited: too many tries for this account or from this address.
        """
        name = email.strip().lower()
        self._throttle.check(name, address)
        user = await self.database.call(lambda s: s.scalar(select(UserRow).where(UserRow.email == name)))
        right = await asyncio.to_thread(password_matches, password, user.password_hash if user else None)
        if user is None or not right or user.disabled:
            self._throttle.failed(name, address)
            await self.audit("", "session.refused", name, {}, address)
            raise Unauthorized("e-mail or password is wrong")
        self._throttle.succeeded(name, address)
        return user, await self._start_session(user, address)

    async def sign_in_by_link(self, token: str, address: str) -> tuple[UserRow, str]:
        """Use a one-time link.

        Raises:
            Unauthorized: used already, expired, or never was.
        """
        self._throttle.check("link", address)

        def work(session: Session) -> UserRow | None:
            link = session.get(LinkRow, digest(token))
            if link is None or link.expires_ms < self.now_ms():
                return None
            user = session.get(UserRow, link.user_id)
            session.delete(link)
            return user

        user = await self.database.call(work)
        if user is None or user.disabled:
            self._throttle.failed("link", address)
            raise Unauthorized(
                "the sign-in link was used already or has expired: `midwatch users link` makes a new one"
            )
        return user, await self._start_session(user, address)

    async def _start_session(self, user: UserRow, address: str) -> str:
        secret, now = new_secret(), self.now_ms()

        def work(session: Session) -> None:
            session.execute(delete(SessionRow).where(SessionRow.used_ms < now - SESSION_IDLE_MS))
            session.add(SessionRow(id=digest(secret), user_id=user.id, created_ms=now, used_ms=now))
            session.execute(update(UserRow).where(UserRow.id == user.id).values(last_seen_ms=now))

        await self.database.call(work)
        await self.audit(user.email, "session.start", user.email, {}, address)
        return secret

    async def session_actor(self, secret: str) -> Actor | None:
        """Who holds this session cookie; None when it is over."""
        now = self.now_ms()

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

        return await self.database.call(work)

    async def end_session(self, secret: str) -> None:
        await self.database.call(lambda s: s.execute(delete(SessionRow).where(SessionRow.id == digest(secret))))

    async def token_actor(self, token: str) -> Actor | None:
        """Who an API token stands for; None when it is unknown or over."""
        now = self.now_ms()

        def work(session: Session) -> Actor | None:
            row = session.scalar(select(TokenRow).where(TokenRow.hash == digest(token)))
            if row is None or (row.expires_ms is not None and row.expires_ms < now):
                return None
            if row.last_used_ms is None or now - row.last_used_ms > TOUCH_MS:
                row.last_used_ms = now
            scopes = frozenset(Scope(scope) for scope in row.scopes.split())
            return Actor("token", row.id, row.name, Role(row.role), scopes)

        return await self.database.call(work)

    async def change_password(self, actor: Actor, current: str | None, new: str) -> None:
        """Set one's own password; the current one is asked for when there is one."""
        user = await self.get_user(actor.id)
        if user.password_hash and not await asyncio.to_thread(password_matches, current or "", user.password_hash):
            raise Forbidden("the current password is wrong")
        hashed = await asyncio.to_thread(hash_password, new)
        await self.database.call(
            lambda s: s.execute(update(UserRow).where(UserRow.id == actor.id).values(password_hash=hashed))
        )
        await self.audit(actor.name, "user.password", actor.name, {}, "")

    # --- users -------------------------------------------------------------------------------------------------------

    async def get_user(self, user_id: str) -> UserRow:
        user = await self.database.call(lambda s: s.get(UserRow, user_id))
        if user is None:
            raise NotFound(f"cannot find user {user_id}")
        return user

    async def users(self) -> list[UserRow]:
        return await self.database.call(lambda s: list(s.scalars(select(UserRow).order_by(UserRow.email))))

    async def add_user(
        self, actor: Actor, email: str, name: str, role: Role, password: str | None
    ) -> tuple[UserRow, str]:
        """Make a user; returns it and the secret of a sign-in link."""
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
                created_ms=self.now_ms(),
                disabled=False,
            )
            session.add(user)
            session.flush()
            return user, self._add_link(session, user.id)

        made = await self.database.call(work)
        await self.audit(actor.name, "user.create", address, {"role": role.label}, "")
        return made

    async def change_user(
        self, actor: Actor, user_id: str, *, name: str | None, role: Role | None, disabled: bool | None
    ) -> UserRow:
        """Raises Conflict when nobody would be left who can administer."""

        def work(session: Session) -> UserRow:
            user = session.get(UserRow, user_id)
            if user is None:
                raise NotFound(f"cannot find user {user_id}")
            loses_admin = user.role == Role.ADMIN and (disabled or (role is not None and role != Role.ADMIN))
            if loses_admin and not _other_admins(session, user_id):
                raise Conflict(f"{user.email} is the last admin: make somebody else one first")
            user.name = user.name if name is None else name
            user.role = user.role if role is None else role
            user.disabled = user.disabled if disabled is None else disabled
            if user.disabled:
                session.execute(delete(SessionRow).where(SessionRow.user_id == user_id))
                session.execute(delete(LinkRow).where(LinkRow.user_id == user_id))
                session.execute(delete(TokenRow).where(TokenRow.created_by == user.email))
            return user

        user = await self.database.call(work)
        changes = {"name": name, "role": role.label if role else None, "disabled": disabled}
        await self.audit(actor.name, "user.change", user.email, {k: v for k, v in changes.items() if v is not None}, "")
        return user

    async def remove_user(self, actor: Actor, user_id: str) -> None:
        def work(session: Session) -> str:
            user = session.get(UserRow, user_id)
            if user is None:
                raise NotFound(f"cannot find user {user_id}")
            if user.role == Role.ADMIN and not _other_admins(session, user_id):
                raise Conflict(f"{user.email} is the last admin: make somebody else one first")
            session.execute(delete(TokenRow).where(TokenRow.created_by == user.email))
            session.delete(user)
            return user.email

        email = await self.database.call(work)
        await self.audit(actor.name, "user.remove", email, {}, "")

    async def make_link(self, actor: Actor, user_id: str) -> str:
        user = await self.get_user(user_id)
        token = await self.database.call(lambda s: self._add_link(s, user.id))
        await self.audit(actor.name, "user.link", user.email, {}, "")
        return token

    def _add_link(self, session: Session, user_id: str) -> str:
        secret = new_secret()
        session.add(LinkRow(id=digest(secret), user_id=user_id, expires_ms=self.now_ms() + LINK_MS))
        return secret

    # --- keys and tokens ---------------------------------------------------------------------------------------------

    def find(self, key: str) -> IngestGrant | None:
        """The grant of an ingest key, from memory."""
        grant = self._keys.get(digest(key))
        if grant is not None:
            self._used_keys.add(grant.key_id)
        return grant

    def key_names(self) -> dict[str, str]:
        return {grant.key_id: grant.key_name for grant in self._keys.values()}

    async def refresh_keys(self) -> None:
        """Read the keys anew and write down which were used; another server's revocation holds within seconds."""
        used, self._used_keys = self._used_keys, set()
        now = self.now_ms()

        def work(session: Session) -> list[KeyRow]:
            if used:
                session.execute(update(KeyRow).where(KeyRow.id.in_(used)).values(last_used_ms=now))
            return list(session.scalars(select(KeyRow).where(KeyRow.revoked.is_(False))))

        rows = await self.database.call(work)
        self._keys = {
            row.hash: IngestGrant(
                row.id, row.name, row.project, row.environment, tuple(row.origins), row.items_per_second
            )
            for row in rows
        }

    async def _refresh_forever(self) -> None:
        while True:
            await asyncio.sleep(KEYS_REFRESH_SECONDS)
            with contextlib.suppress(Exception):  # the database is away: the keys we have stay good
                await self.refresh_keys()

    async def keys(self) -> list[KeyRow]:
        return await self.database.call(lambda s: list(s.scalars(select(KeyRow).order_by(KeyRow.created_ms))))

    async def first_ingest_key(self) -> str | None:
        found = select(KeyRow.shown).where(KeyRow.shown.is_not(None), KeyRow.revoked.is_(False))
        return await self.database.call(lambda s: s.scalar(found))

    async def add_key(
        self,
        actor: Actor,
        *,
        name: str,
        project: int,
        environment: str | None,
        origins: list[str],
        items_per_second: int | None,
    ) -> tuple[KeyRow, str]:
        """Make an ingest key; the whole key is returned this once."""
        secret = new_secret(KEY_PREFIX)
        row = KeyRow(
            id=uuid.uuid4().hex,
            hash=digest(secret),
            name=name,
            project=project,
            environment=environment,
            origins=origins,
            items_per_second=items_per_second,
            prefix=secret[:SHOWN_CHARACTERS],
            created_ms=self.now_ms(),
            created_by=actor.name,
            revoked=False,
        )
        await self.database.call(lambda s: s.add(row))
        await self.refresh_keys()
        await self.audit(actor.name, "key.create", name, {"project": project, "environment": environment}, "")
        return row, secret

    async def revoke_key(self, actor: Actor, key_id: str) -> None:
        def work(session: Session) -> str:
            row = session.get(KeyRow, key_id)
            if row is None:
                raise NotFound(f"cannot find key {key_id}")
            row.revoked, row.shown = True, None
            return row.name

        name = await self.database.call(work)
        await self.refresh_keys()
        await self.audit(actor.name, "key.revoke", name, {"id": key_id}, "")

    async def tokens(self) -> list[TokenRow]:
        return await self.database.call(lambda s: list(s.scalars(select(TokenRow).order_by(TokenRow.created_ms))))

    async def add_token(
        self, actor: Actor, name: str, role: Role, scopes: list[Scope], expires_days: int | None
    ) -> tuple[TokenRow, str]:
        """Make an API token; nobody can make one that may do more than its maker."""
        if role > actor.role:
            raise Forbidden(f"role={role.label}: expected at most your own, {actor.role.label}")
        secret = new_secret(TOKEN_PREFIX)
        expires = self.now_ms() + expires_days * 86_400_000 if expires_days else None
        row = self._token_row(name, secret, role, scopes, actor.name, expires)
        await self.database.call(lambda s: s.add(row))
        await self.audit(actor.name, "token.create", name, {"role": role.label}, "")
        return row, secret

    def _token_row(
        self, name: str, secret: str, role: Role, scopes: list[Scope], created_by: str, expires_ms: int | None
    ) -> TokenRow:
        return TokenRow(
            id=uuid.uuid4().hex,
            hash=digest(secret),
            name=name,
            role=role,
            scopes=" ".join(sorted(scopes)),
            prefix=secret[:SHOWN_CHARACTERS] if len(secret) > 2 * SHOWN_CHARACTERS else "…",
            created_ms=self.now_ms(),
            created_by=created_by,
            expires_ms=expires_ms,
        )

    async def remove_token(self, actor: Actor, token_id: str) -> None:
        def work(session: Session) -> str:
            row = session.get(TokenRow, token_id)
            if row is None:
                raise NotFound(f"cannot find token {token_id}")
            session.delete(row)
            return row.name

        name = await self.database.call(work)
        await self.audit(actor.name, "token.remove", name, {"id": token_id}, "")

    # --- audit and documents -----------------------------------------------------------------------------------------

    async def audit(self, actor: str, action: str, target: str, details: dict[str, Any], address: str) -> None:
        row = AuditRow(
            time_ms=self.now_ms(),
            actor=actor[:254],
            action=action,
            target=target[:300],
            details=details,
            address=address,
        )
        await self.database.call(lambda s: s.add(row))

    async def audit_page(self, *, before_id: int | None, limit: int) -> list[AuditRow]:
        """Newest first."""
        query = select(AuditRow).order_by(AuditRow.id.desc()).limit(min(limit, AUDIT_PAGE_MAX))
        if before_id is not None:
            query = query.where(AuditRow.id < before_id)
        return await self.database.call(lambda s: list(s.scalars(query)))

    async def get_document(self, name: str) -> DocumentRow | None:
        return await self.database.call(lambda s: s.get(DocumentRow, name))

    async def put_document(self, name: str, value: dict[str, Any], actor: str) -> None:
        def work(session: Session) -> None:
            row = session.get(DocumentRow, name)
            if row is None:
                row = DocumentRow(name=name, version=0)
                session.add(row)
            row.value, row.version, row.changed_ms, row.changed_by = value, row.version + 1, self.now_ms(), actor

        await self.database.call(work)


def _other_admins(session: Session, user_id: str) -> bool:
    others = select(func.count()).select_from(UserRow)
    others = others.where(UserRow.role == Role.ADMIN, UserRow.disabled.is_(False), UserRow.id != user_id)
    return bool(session.scalar(others))
