"""Whether anybody looks: what nobody asks for may become visible a little later, and costs a quarter."""

from midwatch.server.model.clock import Clock

ATTENTION_SECONDS = 30.0
"""For how long a question counts: a page that is open asks more often."""


class Attention:
    """Paid by questions of people and their tools, not by our own."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until = clock.monotonic()

    def pay(self) -> None:
        self._until = self._clock.monotonic() + ATTENTION_SECONDS

    @property
    def paid(self) -> bool:
        return self._clock.monotonic() < self._until
