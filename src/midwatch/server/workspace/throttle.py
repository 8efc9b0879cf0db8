"""Slows down guessing: per account and per address, growing with each failure, bounded in memory."""

from collections import OrderedDict
from dataclasses import dataclass

from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import RateLimited

FREE_FAILURES = 5
WAIT_SECONDS = 1.0
WAIT_SECONDS_MAX = 900.0
ENTRIES_MAX = 20_000


@dataclass(slots=True)
class _Entry:
    failures: int
    until: float


class Throttle:
    """Counts failures of accounts and of addresses; success clears both."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._entries: OrderedDict[str, _Entry] = OrderedDict()

    def check(self, account: str, address: str) -> None:
        """Raises RateLimited while this account or address has to wait."""
        now = self._clock.monotonic()
        waits = [entry.until - now for name in _names(account, address) if (entry := self._entries.get(name))]
        if (wait := max(waits, default=0)) > 0:
            raise RateLimited("too many failed sign-ins: wait before the next", retry_after_seconds=wait)

    def failed(self, account: str, address: str) -> None:
        now = self._clock.monotonic()
        for name in _names(account, address):
            entry = self._entries.setdefault(name, _Entry(0, 0))
            self._entries.move_to_end(name)
            entry.failures += 1
            if entry.failures >= FREE_FAILURES:
                entry.until = now + min(WAIT_SECONDS_MAX, WAIT_SECONDS * 2 ** min(entry.failures - FREE_FAILURES, 20))
        while len(self._entries) > ENTRIES_MAX:
            self._entries.popitem(last=False)

    def succeeded(self, account: str, address: str) -> None:
        for name in _names(account, address):
            self._entries.pop(name, None)


def _names(account: str, address: str) -> tuple[str, str]:
    return f"account {account}", f"address {address}"
