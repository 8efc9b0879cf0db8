"""Runs of handlers that may be replayed: how SDK and server name their states, and how an order to replay is signed.

An order is signed with what only the server and holders of the ingest key know: the server keeps of a key its SHA-256,
and whoever has the key can compute that. The signature covers a number that the app has made up for this one question,
so that an old answer is no answer.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

RUNS_PATH, ORDERS_PATH, OUTCOMES_PATH = "/ingest/handlers/runs", "/ingest/handlers/orders", "/ingest/handlers/outcomes"

RUNS_MAX = 50
"""Told in one request."""
PAYLOAD_BYTES_MAX = 64 << 10
"""Of one run, as it is kept."""
WAIT_SECONDS_MAX = 25.0
"""How long a question for orders may stay open."""
ID_CHARACTERS_MAX = 64
NAME_CHARACTERS_MAX = 200
TEXT_CHARACTERS_MAX = 2000

_PURPOSE = b"midwatch handler orders 1"


class State(StrEnum):
    """Of a run."""

    RUNNING = "running"
    STUCK = "stuck"
    """Running for longer than its handler may take, in a process that lives."""
    RETRYING = "retrying"
    """It has failed, and its queue said that it will be tried again."""
    FAILED = "failed"
    UNKNOWN = "unknown"
    """Its process has not been heard of for too long: it may have finished or not, and nobody can say."""
    DONE = "done"


LIVE = frozenset((State.RUNNING, State.STUCK))
"""Its process says that it lives."""


class Outcome(StrEnum):
    """What became of an order."""

    DONE = "done"
    FAILED = "failed"
    ALREADY_DONE = "already_done"
    """The run had finished: nothing was run."""
    WOULD_RUN = "would_run"
    """A dry run found nothing against it."""
    IS_RUNNING = "is_running"
    UNKNOWN = "unknown"
    """Nobody can say whether the run had finished, and nobody has confirmed that it may run again."""
    UNKNOWN_HANDLER = "unknown_handler"
    GONE = "gone"
    """The app's store knows of no such run: whether it had finished cannot be told, so it is not run."""
    CANNOT_OPEN = "cannot_open"
    """The payload is sealed with a key that the app does not have, or was changed."""
    NOT_KEPT = "not_kept"
    """The payload was not, or not wholly, kept: it is no JSON, too large, or private values were removed."""
    DOES_NOT_FIT = "does_not_fit"
    """The handler takes other arguments now."""
    NOT_QUEUED = "not_queued"
    """It could not be put into its queue."""
    QUEUED = "queued"
    """Not the end: a worker will run it."""
    WORKING = "working"
    """Not the end: the order is being carried out."""


UNFINISHED = frozenset((Outcome.QUEUED, Outcome.WORKING))


def run_id(handler: str, key: str) -> str:
    """One for a handler and a key, wherever it is computed."""
    return hashlib.sha256(json.dumps([handler, key]).encode()).hexdigest()[:32]


def order_secret(key_digest: str) -> bytes:
    """`key_digest`: SHA-256 of the ingest key, in hex, as the server keeps it."""
    return hmac.new(key_digest.encode(), _PURPOSE, hashlib.sha256).digest()


def key_digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def signature(order: Mapping[str, Any], nonce: str, secret: bytes) -> str:
    """HMAC-SHA256 over the order in canonical JSON and the asker's nonce."""
    said = json.dumps([nonce, order], sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hmac.new(secret, said.encode(), hashlib.sha256).hexdigest()


def is_signed(order: Mapping[str, Any], nonce: str, secret: bytes, given: str) -> bool:
    return hmac.compare_digest(signature(order, nonce, secret), given if given.isascii() else "")
