"""Mails of the status page: who asks for them, confirms, and ends them."""

import asyncio
import re
from collections.abc import Callable, Sequence
from typing import Protocol
from urllib.parse import urlencode

from midwatch.contract.plan.sections.status_page import StatusPage
from midwatch.server.model.errors import BadRequest, Forbidden, NotFound
from midwatch.server.model.mail import Post
from midwatch.server.monitors.status_page.desk import StatusDesk
from midwatch.server.monitors.status_page.mails import Letterhead, public_url
from midwatch.server.workspace.models import StatusConfirmationRow
from midwatch.server.workspace.models.status_subscriptions import ADDRESS_CHARACTERS_MAX
from midwatch.server.workspace.status_subscriptions import StatusSubscriptions

CONFIRM, UNSUBSCRIBE = "confirm", "unsubscribe"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@{_LABEL}(?:\.{_LABEL})*")
"""What HTML calls a valid e-mail address, which is what the page's form takes."""


class Signer(Protocol):
    def signed(self, act: str, what: str) -> str: ...

    def allows(self, act: str, what: str, signature: str) -> bool: ...


class SubscriptionDesk:
    """On every server. Nothing is offered before `joins`."""

    def __init__(self, ledger: StatusSubscriptions, status: StatusDesk) -> None:
        self.ledger = ledger
        self._status = status
        self.post: Post | None = None
        self._links: Signer | None = None
        self._external_url: Callable[[], str] = str
        self.woken = asyncio.Event()
        """Set whenever this server has owed a mail."""

    def joins(self, post: Post, links: Signer, external_url: Callable[[], str]) -> None:
        self.post, self._links, self._external_url = post, links, external_url

    @property
    def can_send(self) -> bool:
        return self.post is not None and self.post.ready

    @property
    def offered(self) -> bool:
        """Whether the page has a form: it takes a mail server and its sender, and may be turned off."""
        page = self._status.page
        return bool(page.title) and page.subscribe_by_mail and self.can_send

    async def ask(self, address: str, components: Sequence[str], client: str) -> None:
        """The same comes of it whether or not the address is known.

        Raises:
            NotFound: nobody can subscribe here.
            BadRequest: no address, or a component that the page does not have.
            RateLimited, Conflict: too many.
        """
        page = await self._offered()
        address = address.strip().lower()
        if len(address) > ADDRESS_CHARACTERS_MAX or not _ADDRESS.fullmatch(address):
            raise BadRequest("email: expected an address like you@example.com")
        known = [component.name for component in page.components]
        if any(name not in known for name in components):
            raise BadRequest("component: expected one of this page's components: open the page again")
        chosen = [name for name in known if name in components]
        await self.ledger.ask(address, [] if len(chosen) == len(known) else chosen, client)
        self.woken.set()

    async def asked(self, id_: str, signature: str) -> StatusConfirmationRow:
        """Raises Forbidden; NotFound for one that is too old."""
        self._require(CONFIRM, id_, signature)
        row = await self.ledger.asked(id_)
        if row is None:
            raise NotFound("this link is too old: subscribe once more")
        return row

    async def confirm(self, id_: str, signature: str) -> None:
        """Raises Forbidden, NotFound, Conflict."""
        self._require(CONFIRM, id_, signature)
        await self.ledger.confirm(id_)

    def unsubscribing(self, id_: str, signature: str) -> None:
        """Raises Forbidden for a link that is not one of ours; those to unsubscribe hold for ever."""
        self._require(UNSUBSCRIBE, id_, signature)

    async def unsubscribe(self, id_: str, signature: str) -> None:
        """Raises Forbidden."""
        self._require(UNSUBSCRIBE, id_, signature)
        await self.ledger.end(id_)

    def letterhead(self, page: StatusPage) -> Letterhead:
        return Letterhead(page.title, public_url(page, self._external_url()))

    def link(self, act: str, id_: str, page: StatusPage) -> str:
        signature = self._links.signed(f"status {act}", id_) if self._links is not None else ""
        return f"{public_url(page, self._external_url())}/{act}?{urlencode({'id': id_, 's': signature})}"

    def _require(self, act: str, id_: str, signature: str) -> None:
        if self._links is None or not self._links.allows(f"status {act}", id_, signature):
            raise Forbidden("this link is not valid: open it as it stands in the mail", code="bad_link")

    async def _offered(self) -> StatusPage:
        page, _ = await self._status.definition()
        if not self.offered:
            raise NotFound("this page sends no mails: follow it by Atom or RSS")
        return page
