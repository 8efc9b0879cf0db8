"""What is kept about people: who may do what, the audit log, and small shared documents."""

import asyncio
import secrets
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from midwatch.server.model.actor import Actor, Role
from midwatch.server.model.clock import Clock, now_ms
from midwatch.server.workspace.alerting import AlertingState
from midwatch.server.workspace.audit import forget_before, noted
from midwatch.server.workspace.dashboards import Dashboards
from midwatch.server.workspace.database import Database
from midwatch.server.workspace.deliveries import Deliveries
from midwatch.server.workspace.drills import Drills
from midwatch.server.workspace.event_chain import EventChains, EventSourcePlaces
from midwatch.server.workspace.funnels import SavedFunnels
from midwatch.server.workspace.heartbeats import HeartbeatLedger
from midwatch.server.workspace.invoices import InvoiceLedger
from midwatch.server.workspace.keys import IngestKeys
from midwatch.server.workspace.models import AuditRow, DocumentRow, UserRow
from midwatch.server.workspace.on_call import OnCallOverrides
from midwatch.server.workspace.outbox import Outbox
from midwatch.server.workspace.people import People
from midwatch.server.workspace.probes import MonitorDays, ProbeLedger
from midwatch.server.workspace.rules import RuleAlerts
from midwatch.server.workspace.runbooks import RunbookTicks
from midwatch.server.workspace.secrets import hash_password
from midwatch.server.workspace.sessions import Sessions, add_link
from midwatch.server.workspace.status_mails import StatusMails
from midwatch.server.workspace.status_page import StatusLedger
from midwatch.server.workspace.status_subscriptions import StatusSubscriptions
from midwatch.server.workspace.tokens import Tokens

AUDIT_PAGE_MAX = 200
ADMIN_EMAIL = "admin@localhost"
IDENTITY = "identity"


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """What a first start made."""

    admin_email: str
    signin_token: str | None
    """For a one-time link of the admin who has not signed in yet; None when there is a password."""


class Workspace:
    """The parts of one workspace database. Owned by one event loop."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.people = People(database, clock)
        self.sessions = Sessions(database, clock)
        self.tokens = Tokens(database, clock)
        self.keys = IngestKeys(database, clock)
        self.dashboards = Dashboards(database, clock)
        self.outbox = Outbox(database, clock)
        self.deliveries = Deliveries(database, clock)
        self.alerting = AlertingState(database)
        self.rule_alerts = RuleAlerts(database)
        self.probes = ProbeLedger(database, clock)
        self.heartbeats = HeartbeatLedger(database, clock)
        self.status_page = StatusLedger(database, clock)
        self.status_subscriptions = StatusSubscriptions(database, clock)
        self.status_mails = StatusMails(database, clock)
        self.monitor_days = MonitorDays(database, clock)
        self.runbook_ticks = RunbookTicks(database, clock)
        self.drills = Drills(database, clock)
        self.on_call = OnCallOverrides(database, clock)
        self.funnels = SavedFunnels(database, clock)
        self.invoices = InvoiceLedger(database, clock)
        self.event_chains = EventChains(database, clock)
        self.event_places = EventSourcePlaces(database, clock)
        self._clock = clock

    async def open(self) -> None:
        await self.database.open()
        await self.keys.open()

    async def close(self) -> None:
        await self.keys.close()
        await self.database.close()

    async def bootstrap(
        self,
        *,
        admin_password: str | None,
        ingest_key: str | None,
        api_token: str | None,
        node: str = "",
        node_token: str | None = None,
    ) -> Bootstrap:
        """Make the admin and the first key; put in force what the environment fixes. The same again changes nothing.

        `node_token` is for the command line beside the server `node`.
        """
        password_hash = await asyncio.to_thread(hash_password, admin_password) if admin_password else None

        def work(session: Session) -> Bootstrap:
            admin = session.scalar(
                select(UserRow).where(UserRow.role == Role.ADMIN).order_by(UserRow.created_ms, UserRow.id)
            )
            token = None
            if admin is None:
                admin = UserRow(
                    id=uuid.uuid4().hex,
                    email=ADMIN_EMAIL,
                    name="Admin",
                    role=Role.ADMIN,
                    created_ms=now_ms(self._clock),
                    disabled=False,
                )
                session.add(admin)
                session.flush()
            if password_hash is not None:
                admin.password_hash = password_hash
            elif admin.password_hash is None and admin.last_seen_ms is None and not admin.disabled:
                # Also where an earlier start made the admin and ended before it could say so.
                token = add_link(session, admin.id, self._clock)
            self.keys.fix(session, ingest_key)
            self.tokens.fix(session, api_token)
            self.tokens.fix_of_server(session, node, node_token)
            return Bootstrap(admin.email, token)

        found = await self.database.call(work)
        await self.keys.refresh()
        return found

    async def audit(self, actor: Actor, action: str, target: str, details: dict[str, Any] | None = None) -> None:
        """Note an act that is done elsewhere; call it before the act."""
        row = noted(self._clock, actor, action, target, details)
        await self.database.call(lambda s: s.add(row))

    async def audit_page(self, *, before_id: int | None, limit: int) -> list[AuditRow]:
        """Newest first."""
        query = select(AuditRow).order_by(AuditRow.id.desc()).limit(min(limit, AUDIT_PAGE_MAX))
        if before_id is not None:
            query = query.where(AuditRow.id < before_id)
        return await self.database.call(lambda s: list(s.scalars(query)))

    async def audit_after(self, id_: int, *, limit: int) -> list[AuditRow]:
        """Oldest first."""
        query = select(AuditRow).where(AuditRow.id > id_).order_by(AuditRow.id).limit(limit)
        return await self.database.call(lambda s: list(s.scalars(query)))

    async def forget_audit(self, before_ms: int) -> int:
        """What is older, some of it at once; how many acts went."""
        return await self.database.call(lambda s: forget_before(s, before_ms))

    async def identity(self) -> str:
        """What the servers on this database are called together; made by the first one, under its lease."""
        document = await self.get_document(IDENTITY)
        if document is None:
            await self.put_document(IDENTITY, {"id": secrets.token_hex(8)}, "system")
            document = await self.get_document(IDENTITY)
        assert document is not None
        return str(document.value["id"])

    async def get_document(self, name: str) -> DocumentRow | None:
        return await self.database.call(lambda s: s.get(DocumentRow, name))

    async def put_document(self, name: str, value: dict[str, Any], actor: str) -> None:
        def work(session: Session) -> None:
            row = session.get(DocumentRow, name, with_for_update=True)
            if row is None:
                row = DocumentRow(name=name, version=0)
                session.add(row)
            row.value, row.version, row.changed_ms, row.changed_by = value, row.version + 1, now_ms(self._clock), actor

        await self.database.call(work)
