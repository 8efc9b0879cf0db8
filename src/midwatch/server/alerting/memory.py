"""A notification log in memory: for rehearsals, which send nothing, and for tests."""

from collections.abc import Mapping, Sequence

from midwatch.server.alerting.dedup import Said, Told
from midwatch.server.alerting.dispatcher import Pair
from midwatch.server.model.notification import Notification, Reason


class NotificationsKept:
    """Everything that was put, in its order."""

    def __init__(self) -> None:
        self.notifications: list[Notification] = []
        self._last: dict[Pair, Told] = {}

    async def put(self, notifications: Sequence[Notification]) -> None:
        self.notifications += notifications
        telling = [made for made in notifications if made.reason is not Reason.ACKNOWLEDGED]
        self._last |= {(made.group_key, made.integration): Said(made) for made in telling}

    async def lasts(self, wanted: Sequence[Pair]) -> Mapping[Pair, Told]:
        return {pair: self._last[pair] for pair in wanted if pair in self._last}
