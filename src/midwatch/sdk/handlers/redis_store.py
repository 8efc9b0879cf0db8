"""Runs in Redis: a hash for each, which forgets itself, and a sorted set of those that must be looked at."""

import json
from typing import Any

from midwatch.contract.handlers import State
from midwatch.sdk.handlers.model import StoredRun

PREFIX = "{midwatch:handler-runs}"
"""In braces: of a cluster, all of it is on one node."""


class RedisStore:
    """A `redis.Redis` client, of any `decode_responses`."""

    def __init__(self, client: Any, prefix: str = PREFIX) -> None:
        self._client = client
        self._prefix = prefix
        self._waiting = f"{prefix}:to-look-at"

    def now(self) -> float:
        return _seconds(self._client.time())

    def look(self, run_id: str) -> tuple[float, StoredRun | None]:
        with self._client.pipeline(transaction=False) as pipe:
            pipe.time()
            pipe.get(self._name(run_id))
            at, found = pipe.execute()
        return _seconds(at), _run_of(found)

    def put(self, run: StoredRun, revision: int, forget_at: float) -> bool:
        from redis.exceptions import WatchError

        name, at = self._name(run.id), run.looked_at
        with self._client.pipeline() as pipe:
            try:
                pipe.watch(name)
                found = _run_of(pipe.get(name))
                if (found.revision if found else 0) != revision:
                    return False
                pipe.multi()
                pipe.set(name, _text_of(run), exat=int(forget_at) + 1)
                if at is None:
                    pipe.zrem(self._waiting, run.id)
                else:
                    pipe.zadd(self._waiting, {run.id: at})
                pipe.execute()
            except WatchError:
                return False
        return True

    def to_look_at(self, at: float, limit: int) -> list[StoredRun]:
        names = [
            one.decode() if isinstance(one, bytes) else str(one)
            for one in self._client.zrangebyscore(self._waiting, "-inf", at, start=0, num=limit)
        ]
        found = [_run_of(self._client.get(self._name(name))) for name in names]
        if gone := [name for name, one in zip(names, found, strict=True) if one is None]:
            self._client.zrem(self._waiting, *gone)
        return [one for one in found if one is not None]

    def forget(self, before: float) -> None:
        """They forget themselves."""

    def _name(self, run_id: str) -> str:
        return f"{self._prefix}:{run_id}"


def _seconds(time: tuple[int, int]) -> float:
    seconds, micros = time
    return float(seconds) + float(micros) / 1e6


def _text_of(run: StoredRun) -> str:
    fields = {name: getattr(run, name) for name in StoredRun.__slots__}
    return json.dumps({**fields, "payload": run.payload.decode(), "about": dict(run.about)})


def _run_of(text: Any) -> StoredRun | None:
    if text is None:
        return None
    fields = json.loads(text)
    return StoredRun(**{**fields, "payload": fields["payload"].encode(), "state": State(fields["state"])})
