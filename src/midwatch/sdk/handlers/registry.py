"""What this process has of replayable handlers: their names, the team's store and its keys."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from midwatch.contract.sealed import SETTING, SealKeys
from midwatch.sdk.handlers.ledger import Ledger
from midwatch.sdk.handlers.model import RunStore
from midwatch.sdk.options import ConfigurationError

if TYPE_CHECKING:
    from midwatch.sdk.handlers.handler import Handler

KEEP_DAYS = 30.0


class Registry:
    def __init__(self) -> None:
        self.handlers: dict[str, Handler] = {}
        self.ledger: Ledger | None = None
        self.keys = SealKeys("")

    def add(self, handler: "Handler") -> None:
        """Raises ConfigurationError where another function has the name."""
        found = self.handlers.get(handler.name)
        # A module that is read again, as reloaders do, brings the same function anew.
        if found is not None and found.source != handler.source:
            raise ConfigurationError(
                f"replayable({handler.name!r}): {found.place} has this name; {handler.place} needs another"
            )
        self.handlers[handler.name] = handler

    def keep_in(self, store: RunStore, keys: SealKeys, keep_days: float) -> None:
        self.keys = keys
        self.ledger = Ledger(store, keep_days=keep_days)


REGISTRY = Registry()


def replay_store(
    *, redis: Any = None, engine: Any = None, table: Any = None, key: str | None = None, keep_days: float = KEEP_DAYS
) -> RunStore:
    """Where runs of replayable handlers are kept: the team's Redis, or its database.

    Args:
        redis: A `redis.Redis`; one that evicts nothing (`maxmemory-policy noeviction`).
        engine: An engine of SQLAlchemy.
        table: Its table, where it is one of the app's own metadata (`sql_store.table_of`).
        key: `ID:BASE64` of 32 bytes, older ones behind it after commas: arguments are sealed with the first; else
            `MIDWATCH_REPLAY_KEY`, also `MIDWATCH_REPLAY_KEY_FILE`. Without one, private values are not kept.
        keep_days: How long a run is remembered; for as long a handler is not run twice for a key.

    Raises:
        ConfigurationError: Neither or both are given, or the key is none.
    """
    # Here: an app that replays nothing loads neither.
    from midwatch.sdk.handlers import start

    if (redis is None) == (engine is None):
        raise ConfigurationError("replay_store: expected one of redis=… and engine=…")
    store: Any
    if redis is not None:
        from midwatch.sdk.handlers.redis_store import RedisStore

        store = RedisStore(redis)
    else:
        from midwatch.sdk.handlers.sql_store import SqlStore

        store = SqlStore(engine, table)
    try:
        keys = SealKeys(_key(os.environ) if key is None else key)
    except (OSError, ValueError) as error:
        raise ConfigurationError(str(error)) from None
    REGISTRY.keep_in(store, keys, keep_days)
    start.begin()
    return store  # type: ignore[no-any-return]


def _key(env: Mapping[str, str]) -> str:
    if path := env.get(f"{SETTING}_FILE"):
        return Path(path).read_text().strip()
    return env.get(SETTING, "")
