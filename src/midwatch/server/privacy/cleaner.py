"""Suspicious cells through the library, within bounds: what there is no time for is not read, and so not stored."""

import asyncio
import time
from collections.abc import Callable, Sequence
from itertools import islice

import structlog

from midwatch.contract.privacy_rules import PrivacyPolicy
from midwatch.server.model.privacy import Answer, Cell
from midwatch.server.other_process import OtherProcess, ProcessLost
from midwatch.server.privacy.cells import cleaned

log = structlog.get_logger(__name__)

SECONDS_MAX = 20.0
"""Of one segment."""
FEW_CELLS, FEW_CHARACTERS = 200, 64 << 10
"""So many are read in a thread; more of them would hold up the event loop, whose interpreter lock it takes."""
CHUNK_CELLS = 2_000
CALL_SECONDS_MAX = 30.0


class CellCleaner:
    """One for a server: segments of all signals take turns in the one other process."""

    def __init__(self, policy: Callable[[], PrivacyPolicy]) -> None:
        self._policy = policy
        self._process = OtherProcess(call_seconds_max=CALL_SECONDS_MAX)

    async def clean(self, signal: str, cells: Sequence[Cell]) -> list[Answer]:
        policy = self._policy()
        if len(cells) <= FEW_CELLS and sum(len(cell.value) for cell in cells) <= FEW_CHARACTERS:
            return await asyncio.to_thread(cleaned, policy, signal, cells)
        answers: list[Answer] = []
        until, left = time.monotonic() + SECONDS_MAX, iter(cells)
        while chunk := list(islice(left, CHUNK_CELLS)):
            try:
                answers += await self._process.run(cleaned, policy, signal, chunk)
            except ProcessLost as error:
                log.warning("privacy.not_read", signal=signal, cells=len(chunk), error=str(error))
            if time.monotonic() > until:
                log.warning("privacy.no_time", signal=signal, cells=len(cells) - len(answers))
                break
        return answers

    def close(self) -> None:
        self._process.close()
