"""Sends what is in an outbox of SQLAlchemy's: `midwatch.relay` for the table that `Outbox` has declared."""

from sqlalchemy import Engine

from midwatch.sdk.event_relay import INTERVAL_SECONDS, EventRelay
from midwatch.sdk.integrations.sqlalchemy_outbox import Outbox


class Relay(EventRelay):
    """Takes out of the table what the server has taken, unless it is to be kept as the team's own record."""

    def __init__(
        self,
        outbox: Outbox,
        engine: Engine,
        *,
        interval_seconds: float = INTERVAL_SECONDS,
        keep_sent: bool = False,
    ) -> None:
        super().__init__(engine, interval_seconds=interval_seconds, table=outbox.table.name, keep_sent=keep_sent)
