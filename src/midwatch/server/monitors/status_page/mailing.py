"""Sends what subscribers of the status page are owed, one mail after the other, until it is taken or given up."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

import structlog

from midwatch.contract.plan.sections.status_page import StatusPage
from midwatch.server.model.clock import Clock, now_ms
from midwatch.server.model.errors import MidwatchError
from midwatch.server.model.faults import fault_point
from midwatch.server.model.mail import HandedOver, Mail, Post, Taken
from midwatch.server.model.measure import Counts, Measure
from midwatch.server.monitors.status_page.desk import StatusDesk
from midwatch.server.monitors.status_page.mails import confirmation_mail, notice_mail
from midwatch.server.monitors.status_page.subscriptions import CONFIRM, UNSUBSCRIBE, SubscriptionDesk
from midwatch.server.monitors.status_page.view import notice_of
from midwatch.server.workspace.outbox import State
from midwatch.server.workspace.status_mails import MailFigures, OwedMail, StatusMails

log = structlog.get_logger(__name__)

GIVE_UP_SECONDS = 86_400.0
TIDY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class MailPace:
    """Seconds."""

    first_retry: float = 60.0
    longest_retry: float = 3600.0
    """Of one mail that is not taken yet: many servers take it from strangers at the second try only."""
    first_pause: float = 5.0
    longest_pause: float = 300.0
    """Of all, while the mail server is not there."""
    between: float = 0.1
    look: float = 2.0
    """How often is looked when nobody wakes the loop: other servers owe mails, too."""


class Mailing:
    """For the server that holds the lease."""

    def __init__(
        self,
        mails: StatusMails,
        status: StatusDesk,
        subscriptions: SubscriptionDesk,
        clock: Clock,
        pace: MailPace | None = None,
    ) -> None:
        self._mails, self._status, self._subscriptions = mails, status, subscriptions
        self._clock, self._pace = clock, pace or MailPace()
        self._free_at = 0.0
        """By the clock that only grows."""
        self._pauses = 0
        self._tidied_at: float | None = None
        self._figures = MailFigures()
        self._counts = Counts("midwatch_status_mails_total", "Attempts to send subscribers a mail.", ("outcome",))

    async def run(self) -> None:
        """Until cancelled."""
        woken = self._subscriptions.woken
        while True:
            woken.clear()
            try:
                await self._look()
            except MidwatchError as error:
                log.warning("status_mails.wait", error=error.message)
            try:
                async with asyncio.timeout(self._pace.look):
                    await woken.wait()
            except TimeoutError:
                continue

    async def _look(self) -> None:
        page, _ = await self._status.definition()
        sends = bool(page.title) and page.subscribe_by_mail
        await self._mails.begin_maintenance(tell=sends)
        now = self._clock.monotonic()
        if self._tidied_at is None or now - self._tidied_at >= TIDY_SECONDS:
            await self._mails.tidy(give_up_ms=int(GIVE_UP_SECONDS * 1000))
            self._figures, self._tidied_at = await self._mails.figures(), now
        post = self._subscriptions.post
        if not sends or post is None or not post.ready or now < self._free_at:
            return
        try:
            await self._send_all(post, page)
        finally:
            await post.rest()

    async def _send_all(self, post: Post, page: StatusPage) -> None:
        """What is due, until the mail server is not there."""
        while (owed := await self._mails.next()) is not None:
            fault_point("status_mail_before_send")
            handed = await post.send(self._written(owed, page))
            fault_point("status_mail_after_send")
            await self._record(owed, handed)
            if handed.taken is Taken.NOT_NOW:
                return
            await asyncio.sleep(self._pace.between)

    def _written(self, owed: OwedMail, page: StatusPage) -> Mail:
        head = self._subscriptions.letterhead(page)
        if owed.notice is None:
            link = self._subscriptions.link(CONFIRM, owed.link_id, page)
            return confirmation_mail(owed.id, owed.address, head, link, owed.components)
        notice, link = notice_of(owed.notice), self._subscriptions.link(UNSUBSCRIBE, owed.link_id, page)
        said = notice.updates[-owed.updates :]
        return notice_mail(owed.id, owed.address, head, notice, said, link, owed.components, begins=owed.begins)

    async def _record(self, owed: OwedMail, handed: HandedOver) -> None:
        self._counts.add(handed.taken)
        if handed.taken is Taken.YES:
            self._pauses = 0
            await self._mails.record(owed.number, State.DELIVERED)
            return
        if handed.taken is Taken.NEVER:
            log.warning("status_mails.refused", id=owed.id, error=handed.error)
            await self._mails.record(owed.number, State.FAILED, error=handed.error)
            return
        wait = _grown(self._pace.first_retry, self._pace.longest_retry, owed.attempts)
        if handed.taken is Taken.NOT_NOW:
            wait = _grown(self._pace.first_pause, self._pace.longest_pause, self._pauses)
            self._pauses += 1
            self._free_at = self._clock.monotonic() + wait
            log.warning("status_mails.not_sent", id=owed.id, error=handed.error)
        next_ms = now_ms(self._clock) + int(wait * 1000)
        await self._mails.record(owed.number, State.PENDING, error=handed.error, next_ms=next_ms)

    def measures(self) -> Iterable[Measure]:
        """Of the server that sends, as of the last minute."""
        yield from self._counts.measures()
        if self._tidied_at is None:
            return
        figures = self._figures
        yield Measure("midwatch_status_subscribers", "Subscribers by mail.", figures.subscribers, (), "gauge")
        since = figures.waiting_since_ms
        age = 0.0 if since is None else max(0.0, (now_ms(self._clock) - since) / 1000)
        yield Measure(
            "midwatch_status_mails_oldest_waiting_seconds", "How long the oldest mail waits.", age, (), "gauge"
        )


def _grown(first: float, longest: float, times: int) -> float:
    return min(first * float(1 << min(times, 30)), longest)
