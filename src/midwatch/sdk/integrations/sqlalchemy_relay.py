"""Sends what is in an outbox: claimed, posted, taken out. Several relays of one table share the work."""

import threading
from time import time
from typing import Any

from sqlalchemy import Engine, delete, select, update

from midwatch.sdk.context import new_id
from midwatch.sdk.export import connections
from midwatch.sdk.guard import Guard
from midwatch.sdk.integrations.sqlalchemy_outbox import Outbox
from midwatch.sdk.problems import PROBLEMS, REFUSED
from midwatch.sdk.setup import Running, in_force
from midwatch.sdk.transport import Connection
from midwatch.sdk.wire.logs import resource_logs
from midwatch.sdk.wire.resource import request, resource

BATCH_MAX = 500
CLAIM_SECONDS = 60.0
"""A relay that has died gives its events back after this; longer than one post may take."""
INTERVAL_SECONDS = 1.0
BACKOFF_SECONDS_MAX = 30.0
_OF_THE_EVENT = frozenset((400, 413, 422))
"""Statuses that say what was sent cannot be taken; any other is of the server, the key or the way there."""


class Relay:
    """Reads one outbox. `deliver()` for one batch, `start()` for a thread that goes on until `stop()`."""

    def __init__(self, outbox: Outbox, engine: Engine, *, interval_seconds: float = INTERVAL_SECONDS) -> None:
        self._table = outbox.table
        self._engine = engine
        self._interval_seconds = interval_seconds
        self._guard = Guard("outbox", PROBLEMS)
        self._opened: tuple[Running, Connection] | None = None
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        if self._thread is None:
            self._stopping.clear()
            self._thread = threading.Thread(target=self._run, name="midwatch-outbox", daemon=True)
            self._thread.start()

    def stop(self, timeout_seconds: float = 5.0) -> None:
        """What is not sent stays in the table."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout_seconds)
            self._thread = None

    def deliver(self) -> int:
        """Send one batch; how many were taken. Raises what the database says, and nothing else."""
        connection = self._connection()
        if connection is None:
            return 0
        claim = new_id()
        rows = self._claim(claim)
        taken: list[int] = []
        try:
            self._post(connection, rows, taken)
        finally:
            self._settle(claim, taken)
        return len(taken)

    def _run(self) -> None:
        seconds = self._interval_seconds
        while not self._stopping.wait(seconds):
            taken = 0
            with self._guard:
                taken = self.deliver()
                seconds = self._interval_seconds if taken or not self._waiting() else seconds * 2
            # A full batch has more behind it.
            seconds = 0.0 if taken == BATCH_MAX else min(BACKOFF_SECONDS_MAX, seconds or self._interval_seconds)

    def _connection(self) -> Connection | None:
        """To where logs are sent now; None where they are not."""
        running = in_force()
        if running is None or "logs" not in running.options.targets:
            return None
        if self._opened is None or self._opened[0] is not running:
            options = running.options
            opened = connections(
                options.targets, timeout_seconds=options.timeout_seconds, compression=options.compression
            )
            self._opened = running, opened["logs"]
        return self._opened[1]

    def _waiting(self) -> bool:
        table = self._table
        with self._engine.connect() as database:
            return database.execute(select(table.c.position).where(table.c.refused == "").limit(1)).first() is not None

    def _claim(self, claim: str) -> list[Any]:
        """Mark a batch as ours in a transaction of its own: none stays open while we post."""
        table, now = self._table, time()
        free = (table.c.claimed_until < now) & (table.c.refused == "")
        # What others are claiming at this moment is theirs; without that, two would wait for each other's rows.
        oldest = select(table.c.position).where(free).order_by(table.c.position).limit(BATCH_MAX)
        oldest = oldest.with_for_update(skip_locked=True)
        with self._engine.begin() as database:
            positions = list(database.execute(oldest).scalars())
            if not positions:
                return []
            # Where rows cannot be locked another relay may have claimed some in between: `free` is asked again.
            ours = (table.c.position.in_(positions)) & free
            database.execute(update(table).where(ours).values(claimed_by=claim, claimed_until=now + CLAIM_SECONDS))
            found = select(table.c.position, table.c.record).where(table.c.claimed_by == claim)
            return list(database.execute(found.order_by(table.c.position)).all())

    def _post(self, connection: Connection, rows: list[Any], taken: list[int]) -> bool:
        """False when the rest is to wait. What is refused is halved until it is alone, and set aside."""
        if not rows:
            return True
        assert self._opened is not None
        who = resource(self._opened[0].options.resource)
        outcome = connection.post(request(resource_logs(who, [row.record for row in rows])))
        if outcome.taken:
            taken += [row.position for row in rows]
            return True
        if outcome.status not in _OF_THE_EVENT:
            return False
        if len(rows) == 1:
            PROBLEMS.dropped("outbox", REFUSED, 1, f"{outcome.reason}; it stays in the table")
            self._set_aside(rows[0].position, outcome.reason)
            return True
        middle = len(rows) // 2
        return self._post(connection, rows[:middle], taken) and self._post(connection, rows[middle:], taken)

    def _set_aside(self, position: int, reason: str) -> None:
        table = self._table
        with self._engine.begin() as database:
            database.execute(update(table).where(table.c.position == position).values(refused=reason[:300]))

    def _settle(self, claim: str, taken: list[int]) -> None:
        """Take out what was taken, give back the rest."""
        table = self._table
        with self._engine.begin() as database:
            if taken:
                database.execute(delete(table).where(table.c.position.in_(taken)))
            rest = update(table).where(table.c.claimed_by == claim)
            database.execute(rest.values(claimed_by="", claimed_until=0.0))
