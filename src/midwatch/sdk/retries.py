"""What is tried again: requests that follow a failed one to the same place, and how they end."""

from collections.abc import Callable
from contextvars import ContextVar, Token
from types import TracebackType
from typing import Any, Self

from midwatch.sdk.around import F, around
from midwatch.sdk.guard import Guard
from midwatch.sdk.problems import PROBLEMS
from midwatch.sdk.setup import METRICS

PLACES_MAX = 100
"""Of one operation; what it asks beyond is not watched."""
RECOVERED, FAILED, GAVE_UP = "recovered", "failed", "gave_up"
"""Of a retry: it succeeded; it failed and another one followed; it failed and was the last."""

Place = tuple[str, ...]
"""Host first, then what tells one request from another."""

guard = Guard("retries", PROBLEMS)
_retries = METRICS.counter("api_retries_total", "Requests that were made again, by how that ended", ("host", "outcome"))
_current: ContextVar["Attempts | None"] = ContextVar("midwatch.attempts", default=None)


class Attempts:
    """The requests of one operation, as they end; those beside each other may be told from any thread."""

    __slots__ = ("_pending", "_watch", "retries", "told_at")

    def __init__(self, *, told_at: str = "", watch: Callable[[str, float], None] | None = None) -> None:
        """`told_at`: the host of an operation that has a span and a line of its own; its requests there need none.

        `watch` hears of each failed attempt: its status or error, and how many seconds it took.
        """
        self.told_at = told_at
        self.retries = 0
        self._pending: dict[Place, bool] = {}
        """Places whose last request failed, and whether that was a retry."""
        self._watch = watch

    def ended(self, place: Place, status: str, seconds: float, *, failed: bool) -> None:
        """A request has come to its end."""
        was_retry = self._pending.pop(place, None)
        again = was_retry is not None
        if again:
            self.retries += 1
        if was_retry:
            _retries.inc(host=place[0], outcome=FAILED)
        if not failed:
            if again:
                _retries.inc(host=place[0], outcome=RECOVERED)
            return
        if len(self._pending) < PLACES_MAX:
            self._pending[place] = again
        if self._watch is not None:
            self._watch(status, seconds)

    def close(self) -> None:
        """Nothing is tried again after this."""
        for place, was_retry in self._pending.items():
            if was_retry:
                _retries.inc(host=place[0], outcome=GAVE_UP)
        self._pending.clear()


class Retrying:
    """As a context, or, before a function, each call of it."""

    def __init__(self) -> None:
        self._attempts = Attempts()
        self._token: Token[Attempts | None] | None = None

    def __call__(self, function: F) -> F:
        return around(function, lambda *_: Retrying())

    def __enter__(self) -> Self:
        self._token = enter(self._attempts)
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._token is not None:
            leave(self._token)
        with guard:
            self._attempts.close()

    @property
    def retries(self) -> int:
        """How many requests were made again so far."""
        return self._attempts.retries

    def attempt(self, host: str, *, failed: bool, operation: str = "") -> None:
        """An attempt of a client that is not observed has ended."""
        with guard:
            self._attempts.ended((host, operation), "", 0.0, failed=failed)


def retrying() -> Retrying:
    """Around an operation that is tried until it succeeds: `with midwatch.retrying():`, or `@midwatch.retrying()`
    above the decorator that tries again.

    A request in it (httpx, requests, aiohttp, LLM clients) that follows a failed one to the same place is a retry.
    """
    return Retrying()


def count(host: str, retries: int, *, failed: bool) -> None:
    """Retries that a client made by itself within one request, which ended so."""
    if retries > 1:
        _retries.add(retries - 1, host=host, outcome=FAILED)
    if retries:
        _retries.inc(host=host, outcome=GAVE_UP if failed else RECOVERED)


def at_hand() -> Attempts | None:
    """Those of the operation at hand."""
    return _current.get()


def enter(attempts: Attempts | None) -> Token[Attempts | None]:
    return _current.set(attempts)


def leave(token: Token[Any]) -> None:
    try:
        _current.reset(token)
    except ValueError:
        # Entered in another task: its context ends with it.
        return
