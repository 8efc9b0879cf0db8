"""Who is told of a group at one look: its receiver's integrations, or whoever on-call and digests say."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from midwatch.server.alerting.configuration import Configuration
from midwatch.server.alerting.groups import Flush
from midwatch.server.model.alert import Alert
from midwatch.server.model.notification import Integration, Reason


@dataclass(frozen=True, slots=True)
class Owed:
    """`since_ns`: what was told before then is told again; 0: only what is new, and what repeats by the route.

    None: it is told how what it was told of ends, and nothing else.
    """

    since_ns: int | None = 0
    reason: Reason = Reason.REPEAT
    """Of what is told again."""
    gathers: bool = False
    """Told once after each `since_ns`, of all that the group has then: until that time what is over stays in it."""
    context: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Telling:
    integrations: Mapping[Integration, Owed] = field(default_factory=dict)
    next_ns: int | None = None
    """When somebody else is to be told, should nothing change."""


Tell = Callable[[Configuration, Flush, list[Alert]], Telling]


def by_receiver(configuration: Configuration, flush: Flush, _alerts: list[Alert]) -> Telling:
    """As Alertmanager does."""
    receiver = configuration.receivers.get(flush.group.route.options.receiver)
    return Telling({} if receiver is None else dict.fromkeys(receiver.integrations, Owed()))
