"""What people do about notifications: look, send again, test a receiver, acknowledge from a message."""

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from midwatch.server.model.actor import Actor, Role, Scope
from midwatch.server.model.alert import ALERT_NAME, Alert
from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import BadRequest, Forbidden, NotFound
from midwatch.server.model.notification import Integration, Notification, Reason
from midwatch.server.notify.links import VALID_MS, Links
from midwatch.server.notify.outcome import Verdict
from midwatch.server.notify.sender import Attempt, Sender
from midwatch.server.notify.told import TEST
from midwatch.server.workspace.deliveries import Deliveries, Fares, Tried
from midwatch.server.workspace.models import NotificationRow
from midwatch.server.workspace.outbox import Outbox, State, notification_of

TESTED_AT_ONCE = 10
"""Integrations of a receiver that is tested."""
_STATES = {
    Verdict.DELIVERED: State.DELIVERED,
    Verdict.NOTHING: State.DROPPED,
    Verdict.AGAIN: State.FAILED,
    Verdict.REFUSED: State.FAILED,
}


class Acts(Protocol):
    """What alerting does with an answer to a message."""

    async def acknowledge(self, actor: Actor, group_key: str, comment: str) -> int:
        """How many alerts of the group somebody is at now. Raises NotFound when none fires any more."""
        ...

    async def silence(self, actor: Actor, labels: Mapping[str, str], seconds: float, comment: str) -> str:
        """The id of a silence of alerts with these labels."""
        ...


@dataclass(frozen=True, slots=True)
class Tested:
    """What became of a test message to one integration."""

    integration: Integration
    notification_id: str
    attempt: Attempt


@dataclass(frozen=True, slots=True)
class ReceiverView:
    name: str
    integrations: Mapping[Integration, Fares]
    """Those that are configured; `Fares()` of one that was never sent anything."""


class NotifyDesk:
    """On every server."""

    def __init__(
        self, outbox: Outbox, deliveries: Deliveries, sender: Sender, links: Links, acts: Acts, clock: Clock
    ) -> None:
        self.outbox = outbox
        self._deliveries = deliveries
        self._sender = sender
        self._links = links
        self._acts = acts
        self._clock = clock

    async def receivers(self) -> list[ReceiverView]:
        """Of the plan in force, in its order."""
        fares = await self._deliveries.fares()
        found: dict[str, dict[Integration, Fares]] = {}
        for integration in self._sender.setup.integrations:
            found.setdefault(integration.receiver, {})[integration] = fares.get(integration, Fares())
        return [ReceiverView(name, integrations) for name, integrations in found.items()]

    async def test(self, actor: Actor, receiver: str, message: str) -> list[Tested]:
        """Send every integration of a receiver a message that says that it is a test.

        Whoever keeps a state of its own is told at once that it is over, so that no incident stays open.

        Raises:
            NotFound: no such receiver, or one that nobody is told by.
        """
        wanted = [one for one in self._sender.setup.integrations if one.receiver == receiver]
        if not wanted:
            names = sorted({one.receiver for one in self._sender.setup.integrations})
            raise NotFound(
                f"cannot test receiver {receiver}: expected one of {', '.join(names[:20]) or 'none: there are none'}"
            )
        group = f"{{}}/test:{secrets.token_hex(8)}"
        places = asyncio.Semaphore(TESTED_AT_ONCE)

        async def one(integration: Integration) -> Tested:
            async with places:
                return await self._tested(self._test_message(actor, integration, group, message))

        return list(await asyncio.gather(*map(one, wanted)))

    def _test_message(self, actor: Actor, integration: Integration, group: str, message: str) -> Notification:
        now_ns = self._clock.now_ns()
        labels = {ALERT_NAME: "MidwatchTest", "severity": "info", "receiver": integration.receiver}
        annotations = {
            "summary": message or f"A test of {integration.receiver}, and nothing is wrong",
            "description": f"Sent by {actor.name} to see whether {integration} works.",
        }
        alert = Alert(labels, now_ns, now_ns + 300 * 10**9, annotations)
        context = {TEST: "1", "by": actor.name}
        return Notification(integration, group, labels, (alert,), (), Reason.DRILL, now_ns, context)

    async def _tested(self, notification: Notification) -> Tested:
        tested = await self._sent(notification)
        channel = self._sender.channel(notification.integration)
        if channel is not None and channel.acknowledges and tested.attempt.outcome.verdict is Verdict.DELIVERED:
            alert = replace(notification.firing[0], ends_at_ns=self._clock.now_ns())
            receipt = tested.attempt.outcome.receipt
            await self._sent(replace(notification, firing=(), resolved=(alert,)), receipt)
        return tested

    async def _sent(self, notification: Notification, receipt: Mapping[str, Any] | None = None) -> Tested:
        """Past the lanes, which would try again; kept like all others."""
        waiting = await self._deliveries.begin(notification)
        attempt = await self._sender.attempt(notification, waiting.id, receipt, acknowledge=False)
        outcome = attempt.outcome
        state = _STATES[outcome.verdict]
        tried = Tried(attempt.at_ms, attempt.seconds, outcome.verdict, attempt.exchanges, outcome.error, state)
        await self._deliveries.record(waiting, tried)
        return Tested(notification.integration, waiting.id, attempt)

    async def linked(self, id_: str, signature: str) -> tuple[NotificationRow, Notification]:
        """What a signed link is about.

        Raises:
            Forbidden: the link is not one of ours, or is too old.
            NotFound: the notification is not kept any more.
        """
        if not self._links.holds(id_, signature):
            raise Forbidden("this link is not valid: open it as it stands in the message", code="bad_link")
        row, _ = await self.outbox.get(id_)
        if self._clock.now_ns() // 1_000_000 - row.created_ms > VALID_MS:
            raise Forbidden(f"this link is older than {VALID_MS // 86_400_000} days: sign in instead", code="old_link")
        return row, notification_of(row)

    async def acknowledge(self, notification: Notification, who: str, comment: str, address: str) -> int:
        """How many alerts. Raises NotFound when none fires any more."""
        return await self._acts.acknowledge(_by_message(who, address), notification.group_key, comment)

    async def silence(self, notification: Notification, who: str, seconds: float, comment: str, address: str) -> str:
        """Of what the group has in common. Raises BadRequest for a group that has nothing."""
        labels = dict(notification.group_labels)
        if not labels:
            raise BadRequest("cannot silence a group without labels: it would hide everything")
        return await self._acts.silence(_by_message(who, address), labels, seconds, comment)

    async def slack_secrets(self) -> list[str]:
        """Signing secrets of the Slack apps that are configured."""
        return await self._sender.signing_secrets("slack")


def _by_message(who: str, address: str) -> Actor:
    """Somebody who got the message: may do this and nothing else."""
    return Actor("link", "", who, Role.VIEWER, frozenset({Scope.READ}), address=address)
