"""Several servers on one workspace: one evaluates, and all take in data. What each of them has acknowledged and not yet
stored is said to the one that evaluates, and that one's alerts are shown by all.
"""

from collections.abc import Callable

from midwatch.server.model.clock import Clock, now_ms
from midwatch.server.workspace.rules import RuleAlerts

TELL_SECONDS = 5.0
GONE_MS = 30_000
"""A server that said nothing for so long has ended: what its log still has is stored when it starts again.

Well below the age at which rules count as behind: one that is restarted is no alert.
"""


class Peers:
    """`visible_ns`: queries see all that this server acknowledged before."""

    def __init__(self, kept: RuleAlerts, visible_ns: Callable[[], int], clock: Clock, *, node: str) -> None:
        self._kept, self._visible_ns, self._clock, self._node = kept, visible_ns, clock, node
        self._others_ms: int | None = None
        self._heard = float("-inf")

    async def tell(self) -> None:
        """What is visible of this server's data."""
        await self._kept.put_visible(self._node, self._visible_ns() // 1_000_000, now_ms(self._clock))

    async def visible_ms(self) -> int:
        """Up to when queries see everything that any server acknowledged. Others are asked every TELL_SECONDS."""
        now = now_ms(self._clock)
        if self._clock.monotonic() - self._heard >= TELL_SECONDS:
            self._others_ms = await self._kept.visible_of_others(self._node, now - GONE_MS)
            self._heard = self._clock.monotonic()
        own = min(now, self._visible_ns() // 1_000_000)
        return own if self._others_ms is None else min(own, self._others_ms)
